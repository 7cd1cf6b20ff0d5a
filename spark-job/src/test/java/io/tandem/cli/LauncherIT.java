package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bin/tandem} starts once everything is built, shown by a program in Java's place. */
class LauncherIT {

  private static final Path TARGET =
      Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("target");

  @TempDir Path folder;

  @Test
  void givesCommandsThatRunSparkItsJarsAndAFolderForExecutors() throws Exception {
    List<String> started = started("generate", "--out", "a b", "--", "--master", "local[2]");

    assertThat(started)
        .contains(
            "SPARK_HOME=" + TARGET.resolve("spark-home"),
            "SPARK_SCALA_VERSION=2.12",
            "SPARK_LOCAL_IP=127.0.0.1",
            TARGET.resolve("tandem-spark-job.jar")
                + ":"
                + TARGET.resolve("spark")
                + "/*:one.jar:two.jar",
            "-Xmx3g")
        .endsWith("io.tandem.cli.Tandem", "generate", "--out", "a b", "--", "--master", "local[2]");
    assertThat(TARGET.resolve("spark-home/jars")).isDirectory();
  }

  @Test
  void keepsTheOptimisingCompilerFromTheCoresThatDecodeBesideSpark() throws Exception {
    String later = "-XX:Tier4InvocationThreshold=500000";

    assertThat(started("generate")).contains(later);
    assertThat(started("sweep")).contains(later);
    assertThat(started("bench")).doesNotContain(later);
    assertThat(started("evaluate")).doesNotContain(later);
  }

  @Test
  void startsOtherCommandsWithoutSpark() throws Exception {
    assertThat(started("decode"))
        .contains(TARGET.resolve("tandem-spark-job.jar") + ":one.jar:two.jar")
        .noneMatch(word -> word.contains("spark-java.options"));
  }

  /** So that signals reach it. */
  @Test
  void becomesTheJvm() throws Exception {
    List<String> started = started("generate");

    assertThat(started.get(0)).isEqualTo(started.get(1));
  }

  /** Returns process numbers of launcher and JVM, then settings and arguments of the JVM. */
  private List<String> started(String... args) throws IOException, InterruptedException {
    Files.writeString(folder.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    Path java = Files.createDirectories(folder.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho $$; env | grep ^SPARK; printf '%s\\n' \"$@\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<String> command = new ArrayList<>(List.of(TARGET.resolve("../bin/tandem").toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", folder.toString());
    builder.environment().put("TANDEM_JAVA_OPTS", "-Xmx3g");
    builder.environment().put("TANDEM_CLASSPATH", "one.jar:two.jar");
    Process process = builder.start();
    List<String> lines = new ArrayList<>(List.of("" + process.pid()));
    lines.addAll(process.inputReader().lines().toList());
    assertThat(process.waitFor()).as(lines.toString()).isZero();
    return lines;
  }
}
