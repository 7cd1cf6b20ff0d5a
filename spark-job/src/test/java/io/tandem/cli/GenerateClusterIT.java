package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.engine.Machine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same data set on executors in JVMs of their own, by the jar for spark-submit, and after
 * SIGKILL of drivers and executors.
 */
class GenerateClusterIT {

  private static final int IMAGES = 64;

  /** Waves of one batch. */
  private static final int WAVES = 16;

  private static final String SECRET = "planted-7Xq2c";

  @TempDir static Path folder;

  /** Made on one slot in one wave. */
  private static Map<Long, String> plain;

  @BeforeAll
  static void makeThePlainRun() {
    Path run = folder.resolve("plain");
    List<String> args =
        new ArrayList<>(
            SmallSet.command(run.toString(), "--images", "" + IMAGES, "--wave-images", "1000"));
    args.addAll(List.of("--", "--master", "local[1]"));
    Ran ran = Ran.tandem(args.toArray(String[]::new));
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    plain = StoredRun.samples(run);
    assertThat(plain).hasSize(IMAGES);
  }

  @Test
  void theJarForSparkSubmitMakesTheSameInTheDriversJvm() throws IOException {
    Path here = Files.createDirectory(folder.resolve("submit"));
    Path run = here.resolve("run");

    Ran ran =
        SparkSubmitRun.local(here)
            .set("spark.hadoop.fs.x.secret.key", SECRET)
            .run(SmallSet.command(run.toString()).toArray(String[]::new));

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out() + ran.err()).doesNotContain(SECRET);
    assertThat(StoredRun.samples(run))
        .isEqualTo(new TreeMap<>(plain).headMap((long) SmallSet.IMAGES, false));
  }

  /** Three times SIGKILL, each after another wave, and the same command once more. */
  @Test
  void aDriverThatIsKilledThreeTimesLosesNothing() throws Exception {
    Path here = Files.createDirectory(folder.resolve("drivers"));
    Path run = here.resolve("run");
    SparkSubmitRun submit =
        SparkSubmitRun.cluster(here).set("spark.hadoop.fs.x.secret.key", SECRET);
    Set<String> before = Set.of();
    for (int kill = 1; kill <= 3; kill++) {
      try (SparkSubmitRun.Running running = submit.start(command(run))) {
        awaitMoreThan(before.size(), run, running);
        List<ProcessHandle> executors = running.executors();
        running.driver().destroyForcibly().waitFor();
        assertThat(executors).isNotEmpty();
        for (ProcessHandle executor : executors) {
          executor.onExit().get(2, TimeUnit.MINUTES);
        }
      }
      assertThat(run.resolve("_lock")).exists();
      Set<String> after = records(run);
      assertThat(after).containsAll(before).hasSizeBetween(before.size() + 1, WAVES - 1);
      before = after;
    }

    Ran ran = submit.run(command(run));

    assertThat(ran.exitCode()).as(() -> ran.err() + submit.executorLogs()).isZero();
    assertThat(ran.out()).contains("64 of 64 are there");
    assertThat(StoredRun.samples(run)).isEqualTo(plain);
    assertThatNothingIsLeft(run);
    assertThat(submit.executorLogs() + ran.out() + ran.err()).doesNotContain(SECRET);
    Ran verified = Ran.tandem("verify", "--run", run.toString(), "--", "--master", "local[2]");
    assertThat(verified.out()).contains("; 0 findings", "verdict    good");
  }

  /**
   * Three times SIGKILL, each after another wave, while tasks that last are started twice and the
   * committer moves files of each task at once.
   */
  @Test
  void executorsThatAreKilledAndTasksThatRunTwiceChangeNothing() throws Exception {
    Path here = Files.createDirectory(folder.resolve("executors"));
    Path run = here.resolve("run");
    LauncherRun launcher =
        LauncherRun.cluster(here)
            .log("info")
            .set("spark.speculation", "true")
            .set("spark.speculation.interval", "10ms")
            .set("spark.speculation.multiplier", "1.01")
            .set("spark.speculation.quantile", "0.1")
            .set("spark.speculation.minTaskRuntime", "1ms")
            .set("spark.speculation.task.duration.threshold", "20ms")
            .set("spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version", "2");
    Set<Long> killed = new HashSet<>();
    Ran ran;
    try (SparkSubmitRun.Running running = launcher.start(List.of(command(run)))) {
      for (int kill = 1; kill <= 3; kill++) {
        awaitMoreThan(records(run).size(), run, running);
        ProcessHandle executor = oneOf(running);
        killed.add(executor.pid());
        executor.destroyForcibly();
        executor.onExit().get(1, TimeUnit.MINUTES);
      }
      ran = running.end();
    }

    assertThat(killed).hasSize(3);
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.err()).containsPattern(Pattern.compile("speculat", Pattern.CASE_INSENSITIVE));
    assertThat(StoredRun.samples(run)).isEqualTo(plain);
    assertThatNothingIsLeft(run);
  }

  /** Linux resolves the path for each process: the driver's folder has the file, no executor's. */
  @Test
  void aCheckpointThatNoExecutorSeesEndsTheRunBeforeItWrites() throws IOException {
    Path here = Files.createDirectory(folder.resolve("unseen"));
    Path run = here.resolve("run");
    Files.copy(Path.of(TinyModels.LARGE), here.resolve("large.pth"));
    List<String> command = SmallSet.command(run.toString());
    command.replaceAll(it -> it.startsWith("big=") ? "big=/proc/self/cwd/large.pth" : it);

    Ran ran = LauncherRun.cluster(here).run(command);

    assertThat(ran.err())
        .isEqualTo(
            ("Cannot decode with 'big' on host %s: there is no '/proc/self/cwd/large.pth' there (the"
                    + " driver found it, with %,d bytes). Put it there on every host, or name it by"
                    + " a URI that all hosts can read.\n")
                .formatted(Machine.host(), Files.size(here.resolve("large.pth"))));
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(run).doesNotExist();
  }

  private static String[] command(Path run) {
    return SmallSet.command(run.toString(), "--images", "" + IMAGES, "--wave-images", "4")
        .toArray(String[]::new);
  }

  private static void awaitMoreThan(int records, Path run, SparkSubmitRun.Running running)
      throws InterruptedException {
    while (records(run).size() <= records && running.driver().isAlive()) {
      Thread.sleep(20);
    }
  }

  /** An executor that was killed is followed by another one. */
  private static ProcessHandle oneOf(SparkSubmitRun.Running running) throws InterruptedException {
    while (running.driver().isAlive()) {
      List<ProcessHandle> executors = running.executors();
      if (!executors.isEmpty()) {
        return executors.get(0);
      }
      Thread.sleep(20);
    }
    throw new AssertionError("the driver ended first");
  }

  private static Set<String> records(Path run) {
    Path folder = run.resolve("_waves");
    if (!Files.exists(folder)) {
      return Set.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return new HashSet<>(
          files
              .map(it -> it.getFileName().toString())
              .filter(it -> it.matches("\\d+\\.json"))
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertThatNothingIsLeft(Path run) {
    assertThat(StoredRun.tree(run))
        .noneMatch(it -> it.contains("_lock") || it.contains("_temporary") || it.endsWith(".tmp"));
  }
}
