package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A standalone cluster of worker processes, by the script in {@code conf/}. */
class StandaloneClusterIT {

  private static final int IMAGES = 48;

  @TempDir static Path folder;

  /** Three times SIGKILL for a worker, each after another wave; the script starts others. */
  @Test
  void workersThatAreKilledChangeNothing() throws Exception {
    Path plainRun = folder.resolve("plain/run");
    Ran plain = SmallSet.here(plainRun.toString(), "--images", "" + IMAGES);
    assertThat(plain.exitCode()).as(plain.err()).isZero();
    Path run = folder.resolve("cluster/run");
    Path place = folder.resolve("place");

    Process script =
        script(
            place, SmallSet.command(run.toString(), "--images", "" + IMAGES, "--wave-images", "4"));
    Set<Long> killed = new HashSet<>();
    try {
      for (int kill = 1; kill <= 3; kill++) {
        awaitMoreThan(records(run), run, script);
        ProcessHandle worker = worker(place, 1 + kill % 2);
        killed.add(worker.pid());
        worker.destroyForcibly();
        worker.onExit().get(1, TimeUnit.MINUTES);
      }
      assertThat(script.waitFor(10, TimeUnit.MINUTES)).isTrue();
    } finally {
      script.descendants().forEach(ProcessHandle::destroy);
      script.destroy();
    }

    assertThat(killed).hasSize(3);
    assertThat(script.exitValue()).as(() -> text(folder.resolve("err"))).isZero();
    assertThat(text(folder.resolve("out"))).contains("48 of 48 are there");
    assertThat(StoredRun.samples(run)).isEqualTo(StoredRun.samples(plainRun));
    assertThat(StoredRun.tree(run)).noneMatch(it -> it.contains("_temporary"));
  }

  /**
   * After the run, on the cluster that is left: each executor is a process with its own natives.
   */
  @Test
  void doctorLooksAtEachExecutor() throws Exception {
    Process script = script(folder.resolve("doctor"), List.of("doctor", "--executors"));
    try {
      assertThat(script.waitFor(10, TimeUnit.MINUTES)).isTrue();
    } finally {
      script.descendants().forEach(ProcessHandle::destroy);
      script.destroy();
    }

    assertThat(script.exitValue()).as(() -> text(folder.resolve("err"))).isZero();
    assertThat(text(folder.resolve("out")))
        .contains(
            "Executor   0 on ",
            "Executor   1 on ",
            "glibc 2.",
            "DJL 0.35.1, libtorch 2.7.1, JNI loaded, CUDA ",
            "auto is ",
            "2 of 2 executors examined, 2 can decode");
  }

  private static Process script(Path place, List<String> command) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(
        Path.of(System.getProperty("basedir", ""))
            .toAbsolutePath()
            .resolve("../conf/standalone.sh")
            .toString());
    words.addAll(List.of("-w", "2", "-d", place.toString()));
    words.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
    builder.environment().keySet().removeAll(Set.of("SPARK_HOME", "SPARK_SCALA_VERSION"));
    builder.environment().putAll(Map.of("JAVA_HOME", System.getProperty("java.home")));
    return builder
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private static void awaitMoreThan(int records, Path run, Process script)
      throws InterruptedException {
    while (records(run) <= records) {
      assertThat(script.isAlive()).as("the cluster still works").isTrue();
      Thread.sleep(20);
    }
  }

  private static int records(Path run) {
    Path records = run.resolve("_waves");
    if (!Files.exists(records)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(records)) {
      return (int) files.filter(it -> it.toString().endsWith(".json")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcessHandle worker(Path place, int number) throws InterruptedException {
    for (int look = 0; look < 3000; look++) {
      Path file = place.resolve("worker-" + number + ".pid");
      String pid = Files.exists(file) ? text(file).strip() : "";
      Optional<ProcessHandle> worker =
          pid.isEmpty() ? Optional.empty() : ProcessHandle.of(Long.parseLong(pid));
      if (worker.filter(ProcessHandle::isAlive).isPresent()) {
        return worker.get();
      }
      Thread.sleep(20);
    }
    throw new AssertionError("worker " + number + " did not come back");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
