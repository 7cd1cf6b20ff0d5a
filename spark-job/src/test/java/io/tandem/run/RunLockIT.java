package io.tandem.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.fault.Fault;
import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import io.tandem.fault.FaultFileSystem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks between processes, some of which are killed. */
class RunLockIT {

  @TempDir Path scratch;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void endProcesses() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void ofProcessesThatRaceOneWinsAndTheOthersLearnWhoHoldsIt() throws Exception {
    for (boolean afterADeath : new boolean[] {false, true}) {
      String out = scratch.resolve("out-" + afterADeath).toString();
      if (afterADeath) {
        Process first = start(out, Files.createFile(scratch.resolve("now")));
        assertThat(answer(reader(first))).isEqualTo("held");
        first.destroyForcibly().waitFor();
        assertThat(Path.of(out, "_lock")).exists();
      }
      Path signal = scratch.resolve("signal-" + afterADeath);
      List<Process> racers = new ArrayList<>();
      List<BufferedReader> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Process racer = start(out, signal);
        racers.add(racer);
        answers.add(reader(racer));
      }
      for (BufferedReader each : answers) {
        assertThat(each.readLine()).isEqualTo("ready");
      }

      Files.createFile(signal);
      List<String> said = new ArrayList<>();
      for (BufferedReader each : answers) {
        said.add(each.readLine());
      }

      assertThat(said).containsOnlyOnce("held");
      Process winner = racers.get(said.indexOf("held"));
      assertThat(said)
          .filteredOn(each -> !each.equals("held"))
          .hasSize(3)
          .allSatisfy(
              each ->
                  assertThat(each)
                      .startsWith("refused: Cannot generate into '" + out + "': it is held by")
                      .contains("process " + winner.pid() + " on host"));
      winner.getOutputStream().close();
      assertThat(winner.waitFor()).isZero();
      assertThat(Path.of(out, "_lock")).doesNotExist();
    }
  }

  @Test
  void isTakenOverAtOnceAfterAKill() throws Exception {
    String out = scratch.resolve("out").toString();
    Process first = start(out, Files.createFile(scratch.resolve("now")));
    assertThat(answer(reader(first))).isEqualTo("held");
    RunFolder folder = RunFolder.open(out, new Configuration());
    assertThatThrownBy(() -> RunLock.acquire(folder, ""))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("it is held by process " + first.pid());

    first.destroyForcibly().waitFor();

    // far less than the 25 seconds for which a live process is watched
    long start = System.nanoTime();
    try (RunLock lock = RunLock.acquire(folder, "")) {
      lock.check();
      assertThat(System.nanoTime() - start).isLessThan(15_000_000_000L);
    }
  }

  @Test
  void whereverItIsHaltedTheNextProcessGoesOn() throws Exception {
    String out = "fault:" + scratch.resolve("out");
    Path now = Files.createFile(scratch.resolve("now"));
    Path log = scratch.resolve("log");
    List<Fault> first =
        List.of(
            halt(Operation.CREATE, 1, Moment.BEFORE),
            halt(Operation.WRITE, 1, Moment.AFTER),
            halt(Operation.RENAME, 1, Moment.BEFORE),
            halt(Operation.RENAME, 1, Moment.AFTER));
    // the first file says who follows, the second one is the lock
    List<Fault> later =
        List.of(
            halt(Operation.RENAME, 1, Moment.BEFORE),
            halt(Operation.RENAME, 1, Moment.AFTER),
            halt(Operation.RENAME, 1, Moment.AFTER),
            halt(Operation.RENAME, 2, Moment.BEFORE),
            halt(Operation.RENAME, 2, Moment.AFTER),
            halt(Operation.DELETE, 1, Moment.BEFORE),
            halt(Operation.DELETE, 1, Moment.AFTER));
    for (List<Fault> faults : List.of(first, later)) {
      for (Fault fault : faults) {
        Configuration settings = new Configuration(false);
        FaultFileSystem.configure(settings, log);
        fault.configure(settings);
        List<String> texts = new ArrayList<>();
        for (Map.Entry<String, String> setting : settings) {
          texts.add(setting.getKey() + "=" + setting.getValue());
        }

        Process halted = start(out, now, texts.toArray(String[]::new));

        assertThat(halted.waitFor()).as("%s", fault).isEqualTo(137);
      }
      assertThat(scratch.resolve("out/_lock")).exists();
    }

    Configuration settings = new Configuration();
    FaultFileSystem.configure(settings, log);
    try (RunFolder folder = RunFolder.open(out, settings);
        RunLock lock = RunLock.acquire(folder, "")) {
      lock.check();
      try (Stream<Path> files = Files.list(scratch.resolve("out"))) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .filteredOn(name -> !name.endsWith(".tmp"))
            .containsExactly("_lock");
      }
    }
  }

  private static Fault halt(Operation operation, int ordinal, Moment moment) {
    return new Fault(operation, "_lock", ordinal, moment, Effect.HALT);
  }

  private Process start(String folder, Path signal, String... settings) throws IOException {
    Process process = LockHolder.start(folder, signal, settings);
    processes.add(process);
    return process;
  }

  private static BufferedReader reader(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private static String answer(BufferedReader reader) throws IOException {
    assertThat(reader.readLine()).isEqualTo("ready");
    return reader.readLine();
  }
}
