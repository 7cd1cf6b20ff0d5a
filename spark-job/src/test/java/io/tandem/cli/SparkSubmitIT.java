package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar for spark-submit, run by Spark's own program. */
class SparkSubmitIT {

  private static final Pattern TASK =
      Pattern.compile("task (\\d) pid (\\d+) gpus (\\S+) natives (\\S+), (.*)");

  @TempDir Path folder;

  @Test
  void showsVersionAndHelp() {
    Ran version = SparkSubmitRun.local(folder).withoutNatives().run("--version");

    assertThat(version.out()).matches("Tandem \\d\\S*\n");
    assertThat(version.exitCode()).isZero();
    Ran help = SparkSubmitRun.local(folder).withoutNatives().run("--help");
    assertThat(help.out()).contains("Usage: tandem", "doctor");
    assertThat(help.exitCode()).isZero();
  }

  @Test
  void examinesTheMachineWithNativesFromTheirOwnJar() {
    Ran doctor =
        SparkSubmitRun.local(folder)
            .option("--deploy-mode", "client")
            .option("--properties-file", conf("spark-defaults-cpu.conf").toString())
            .run("doctor");

    assertThat(doctor.exitCode()).as(doctor.err()).isZero();
    assertThat(doctor.out()).contains("DJL 0.35.1, libtorch 2.7.1", "Device     cpu, ");
  }

  @Test
  void endsWithTheExitCodeOfTheCommand() {
    Ran ran = SparkSubmitRun.local(folder).withoutNatives().run("docter");

    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.err()).contains("Unmatched argument at index 0: 'docter'");
  }

  @Test
  void leavesSettingsToSparkSubmit() {
    Ran ran =
        SparkSubmitRun.local(folder)
            .withoutNatives()
            .main(ExecutorProbe.class)
            .run("spark.app.name=other");

    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.err())
        .contains(
            "Cannot use settings of Spark after '--' (spark.app.name): spark-submit started this. Give them to it instead.");
  }

  /** Two workers that each found one fake GPU, and tasks that ask for one. */
  @Test
  void computesOnBothExecutorsEachWithItsOwnGpu() throws IOException, InterruptedException {
    SparkSubmitRun submit =
        SparkSubmitRun.cluster(folder)
            .main(ExecutorProbe.class)
            .set("spark.worker.resource.gpu.amount", "1")
            .set("spark.worker.resource.gpu.discoveryScript", oneGpuPerCall().toString())
            .set("spark.executor.resource.gpu.amount", "1")
            .set("spark.task.resource.gpu.amount", "1");

    Set<String> executors = new HashSet<>();
    Ran ran;
    try (SparkSubmitRun.Running running = submit.start()) {
      while (executors.size() < 2 && running.driver().isAlive()) {
        running.executors().forEach(executor -> executors.add("" + executor.pid()));
        Thread.sleep(100);
      }
      ran = running.end();
    }

    assertThat(ran.exitCode()).as(() -> ran.err() + submit.executorLogs()).isZero();
    Set<String> processes = new HashSet<>(List.of(ran.out().split("\\W+")[1]));
    Set<String> gpus = new HashSet<>();
    Matcher task = TASK.matcher(ran.out());
    while (task.find()) {
      processes.add(task.group(2));
      gpus.add(task.group(3));
      assertThat(task.group(4)).startsWith("pytorch-native-cpu-2.7.1");
      assertThat(task.group(5)).isEqualTo("DJL 0.35.1, libtorch 2.7.1");
    }
    assertThat(processes)
        .as("driver and executors in: " + ran.out())
        .hasSize(3)
        .containsAll(executors);
    assertThat(gpus).containsExactlyInAnyOrder("0", "1");
  }

  /** What the launcher sets up, without the launcher. */
  @Test
  void runsExecutorsForTheLauncher() throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Files.createDirectories(folder.resolve("home/jars"));
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "@" + conf("spark-java.options"),
            "-Xmx1g",
            "-XX:TieredStopAtLevel=1",
            "-Dlog4j2.configurationFile=" + conf("log4j2.properties"),
            "-cp",
            System.getProperty("java.class.path"),
            ExecutorProbe.class.getName(),
            "spark.master=local-cluster[2,1,1024]",
            "spark.scheduler.minRegisteredResourcesRatio=1.0",
            "spark.scheduler.maxRegisteredResourcesWaitingTime=60s");
    builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.12");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }

    assertThat(Files.readString(err)).isEmpty();
    assertThat(process.exitValue()).isZero();
    Set<String> processes = new HashSet<>();
    Matcher task = TASK.matcher(Files.readString(out));
    while (task.find()) {
      processes.add(task.group(2));
    }
    assertThat(processes).hasSize(2).doesNotContain(Files.readString(out).split("\\W+")[1]);
  }

  /** Who makes the folder first is the worker with GPU 0. */
  private Path oneGpuPerCall() throws IOException {
    Path script = folder.resolve("one-gpu.sh");
    Files.writeString(
        script,
        """
        #!/bin/sh
        gpu=1
        if mkdir '%s' 2>/dev/null; then gpu=0; fi
        echo "{\\"name\\":\\"gpu\\",\\"addresses\\":[\\"$gpu\\"]}"
        """
            .formatted(folder.resolve("first")));
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Path conf(String name) {
    return Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("../conf/" + name);
  }
}
