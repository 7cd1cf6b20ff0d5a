package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bin/tandem} says where something is missing; the build runs it as a whole. */
class LauncherTest {

  @TempDir Path folder;

  @Test
  void namesAJavaHomeWithoutJava() throws IOException, InterruptedException {
    assertThat(launched(Map.of("JAVA_HOME", folder.toString())))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot start tandem: JAVA_HOME is '%s', where there is no bin/java (Java 17 or newer is needed). Set JAVA_HOME to a JDK.%n"
                    .formatted(folder)));
  }

  @Test
  void namesAJavaThatIsTooOld() throws IOException, InterruptedException {
    Path java = fakeJava("11.0.2");

    assertThat(launched(Map.of("JAVA_HOME", folder.toString())))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot start tandem: '%s' is Java 11 (17 or newer is needed). Set JAVA_HOME to a newer JDK.%n"
                    .formatted(java)));
  }

  @Test
  void knowsTheOldWayToCountVersions() throws IOException, InterruptedException {
    fakeJava("1.8.0_292");

    assertThat(launched(Map.of("JAVA_HOME", folder.toString())).err()).contains(" is Java 8 (");
  }

  @Test
  void saysThatJavaIsMissing() throws IOException, InterruptedException {
    Path tools = Files.createDirectory(folder.resolve("tools"));
    for (String tool : new String[] {"bash", "dirname", "readlink"}) {
      executable(tools.resolve(tool), "#!/bin/sh\nexec %s \"$@\"\n".formatted(tool(tool)));
    }

    assertThat(launched(Map.of("PATH", tools.toString())))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot start tandem: no java on the PATH and JAVA_HOME is not set (Java 17 or newer is needed). Install a JDK or set JAVA_HOME.\n"));
  }

  private static Path tool(String name) {
    Path usr = Path.of("/usr/bin", name);
    return Files.exists(usr) ? usr : Path.of("/bin", name);
  }

  private Path fakeJava(String version) throws IOException {
    Files.writeString(folder.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    Files.createDirectory(folder.resolve("bin"));
    return executable(folder.resolve("bin/java"), "");
  }

  private static Path executable(Path file, String content) throws IOException {
    Files.writeString(file, content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Ran launched(Map<String, String> environment) throws IOException, InterruptedException {
    Path launcher = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    ProcessBuilder builder =
        new ProcessBuilder(launcher.resolve("bin/tandem").toString(), "--version");
    builder.environment().remove("JAVA_HOME");
    builder.environment().putAll(environment);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    int exitCode =
        builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
    return new Ran(
        exitCode,
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }
}
