package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that is told to end while kernels run ends, and does not crash. */
class EndedRunIT {

  /** Exit code after SIGTERM; a crash gives 134. */
  private static final int TERMINATED = 143;

  @TempDir private Path folder;

  @RepeatedTest(3)
  void aSignalEndsARunBetweenKernels() throws Exception {
    Path checkpoint = folder.resolve("run.safetensors");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:ErrorFile=" + folder.resolve("hs_err_%p.log"),
                "-cp",
                System.getProperty("java.class.path"),
                EndlessRun.class.getName(),
                checkpoint.toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      String last = "";
      while (!last.equals("step 2")) {
        last = output.readLine();
        assertThat(last).as("what the run says").isNotNull();
      }

      Thread.sleep(200); // into the next kernel
      process.toHandle().destroy(); // a Process would close its output too
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("ended").isTrue();

      assertThat(process.exitValue()).isEqualTo(TERMINATED);
      assertThat(output.lines()).noneMatch(line -> line.contains("fatal error"));
    } finally {
      process.destroyForcibly();
    }
    assertNoCrashes();
    try (TrainingTask task = EndlessRun.task()) {
      assertThat(new TrainingCheckpoint(checkpoint).restore(task).steps())
          .isGreaterThanOrEqualTo(1);
    }
  }

  private void assertNoCrashes() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("hs_err"));
    }
  }
}
