package io.tandem.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code conf/gpu-discovery.sh} with a program that answers in the place of nvidia-smi. */
class GpuDiscoveryTest {

  @TempDir Path folder;

  private record Answer(int exitCode, String out, String err) {}

  @Test
  void listsTheGpusAsSparkReadsThem() throws Exception {
    Answer answer = discovered("printf '0\\n1\\n3\\n'", Map.of());

    assertThat(answer)
        .isEqualTo(new Answer(0, "{\"name\":\"gpu\",\"addresses\":[\"0\",\"1\",\"3\"]}\n", ""));
    ResourceInformation gpus = ResourceInformation.parseJson(answer.out());
    assertThat(gpus.name()).isEqualTo("gpu");
    assertThat(gpus.addresses()).containsExactly("0", "1", "3");
  }

  @Test
  void countsOnlyVisibleOnesAsCudaDoes() throws Exception {
    String two = "printf '0\\n1\\n'";

    assertThat(discovered(two, Map.of("CUDA_VISIBLE_DEVICES", "1")).out())
        .isEqualTo("{\"name\":\"gpu\",\"addresses\":[\"0\"]}\n");
    assertThat(discovered(two, Map.of("CUDA_VISIBLE_DEVICES", "GPU-a,MIG-b,-1,0")).out())
        .isEqualTo("{\"name\":\"gpu\",\"addresses\":[\"0\",\"1\"]}\n");
    for (String none : new String[] {"", "-1", "NoDevFiles"}) {
      Answer answer = discovered(two, Map.of("CUDA_VISIBLE_DEVICES", none));
      assertThat(answer.exitCode()).isEqualTo(1);
      assertThat(answer.out()).isEmpty();
      assertThat(answer.err())
          .contains(": CUDA_VISIBLE_DEVICES is '%s', which hides them. Unset it.".formatted(none));
    }
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    Answer silent = discovered("true", Map.of());
    assertThat(silent.exitCode()).isEqualTo(1);
    assertThat(silent.out()).isEmpty();
    assertThat(silent.err())
        .startsWith("Cannot find GPUs on ")
        .endsWith(": nvidia-smi lists none.\n");
    assertThat(discovered("echo 'NVIDIA-SMI has failed'; exit 9", Map.of()).err())
        .endsWith(": nvidia-smi says: NVIDIA-SMI has failed\n");
    assertThat(discovered("echo 'No devices were found'", Map.of()).err())
        .endsWith(": nvidia-smi says: No devices were found (a number is needed).\n");
  }

  @Test
  void saysThatTheDriverIsMissing() throws Exception {
    Path tools = Files.createDirectory(folder.resolve("tools"));
    for (String tool : new String[] {"bash", "hostname"}) {
      Path usr = Path.of("/usr/bin", tool);
      executable(
          tools.resolve(tool),
          "exec %s \"$@\"".formatted(Files.exists(usr) ? usr : Path.of("/bin", tool)));
    }

    Answer answer = run(Map.of("PATH", tools.toString()));

    assertThat(answer.exitCode()).isEqualTo(1);
    assertThat(answer.err())
        .endsWith(
            ": there is no nvidia-smi on the PATH (the driver of NVIDIA brings it). Install the driver, or give the container its GPUs.\n");
  }

  private Answer discovered(String command, Map<String, String> environment) throws Exception {
    executable(folder.resolve("nvidia-smi"), command);
    String path = folder + ":" + System.getenv("PATH");
    return run(
        environment.isEmpty()
            ? Map.of("PATH", path)
            : Map.of(
                "PATH", path, "CUDA_VISIBLE_DEVICES", environment.get("CUDA_VISIBLE_DEVICES")));
  }

  private static void executable(Path file, String command) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + command + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Answer run(Map<String, String> environment) throws IOException, InterruptedException {
    Path script = Path.of(System.getProperty("basedir", "")).resolve("../conf/gpu-discovery.sh");
    ProcessBuilder builder = new ProcessBuilder(script.toAbsolutePath().toString());
    builder.environment().remove("CUDA_VISIBLE_DEVICES");
    builder.environment().putAll(environment);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    int exitCode =
        builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
    return new Answer(
        exitCode,
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }
}
