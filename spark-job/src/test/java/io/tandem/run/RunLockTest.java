package io.tandem.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.fault.Fault;
import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import io.tandem.fault.FaultFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RunLockTest {

  private static final Clock NOON = Clock.fixed(Runs.NOON, ZoneOffset.UTC);

  /** No heartbeats of their own, and nobody is watched for long. */
  private static final LockPace QUIET =
      new LockPace(Duration.ofHours(1), Duration.ofSeconds(60), Duration.ofMillis(300));

  @TempDir Path scratch;
  private Path out;

  @BeforeEach
  void chooseFolder() {
    out = scratch.resolve("out");
    FaultFileSystem.reset();
  }

  @ParameterizedTest
  @EnumSource
  void isHeldByOneAtATime(Places place) throws IOException {
    RunFolder folder = open(place);
    RunningProcess self = RunningProcess.current();
    try (RunLock lock = RunLock.acquire(folder, "app-7", QUIET, NOON)) {
      lock.check();

      assertThatThrownBy(() -> RunLock.acquire(open(place), "", QUIET, after(12)))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot generate into '%s': it is held by process %d on host '%s' (user '%s',"
                  + " application 'app-7', since 2026-01-31T12:00:00Z, last heartbeat 12 s ago). Wait"
                  + " for its end, or choose another --out.",
              folder, self.pid(), self.host(), System.getProperty("user.name"));
      lock.check();
      assertThat(names()).containsExactly("_lock");
    }

    assertThat(names()).isEmpty();
    RunLock.acquire(open(place), "", QUIET, NOON).close();
  }

  @Test
  void isWrittenLikeThis() throws IOException {
    try (RunLock lock = RunLock.acquire(open(Places.LOCAL), "app-7", QUIET, NOON)) {
      lock.check();

      assertThat(Files.readString(out.resolve("_lock")).replaceAll("[0-9a-f-]{36}", "UUID"))
          .startsWith(
              """
              {
                "kind" : "tandem-lock",
                "schema_version" : 1,
                "owner" : "UUID",
                "host" : "%s",
                "pid" : %d,
                "process_start" : "%s",
              """
                  .formatted(
                      RunningProcess.current().host(),
                      ProcessHandle.current().pid(),
                      ProcessHandle.current().info().startInstant().orElseThrow()))
          .endsWith(
              """
                "user" : "%s",
                "application" : "app-7",
                "acquired" : "2026-01-31T12:00:00Z",
                "heartbeat" : "2026-01-31T12:00:00Z"
              }
              """
                  .formatted(System.getProperty("user.name")));
    }
  }

  @Test
  void beatsWhileItIsHeld() throws Exception {
    LockPace fast =
        new LockPace(Duration.ofMillis(50), Duration.ofSeconds(60), Duration.ofMillis(300));
    try (RunLock lock = RunLock.acquire(open(Places.LOCAL), "", fast, Clock.systemUTC())) {
      lock.check();
      Instant first = lockText().heartbeat();

      for (int i = 0; i < 500 && lockText().heartbeat().equals(first); i++) {
        Thread.sleep(20);
      }

      assertThat(lockText().heartbeat()).isAfter(first);
    }
    Thread.sleep(200);
    assertThat(names()).isEmpty();
  }

  @Test
  void tellsItsApplicationAtOnce() throws IOException {
    try (RunLock lock = RunLock.acquire(open(Places.LOCAL), "", QUIET, NOON)) {
      lock.nameApplication("app-8");

      assertThat(lockText().application()).isEqualTo("app-8");
      lock.check();
    }
  }

  @ParameterizedTest
  @EnumSource
  void isTakenOverAtOnceFromAProcessThatIsGone(Places place) throws IOException {
    RunningProcess self = RunningProcess.current();
    RunningProcess reused =
        new RunningProcess(
            self.host(), self.space(), self.pid(), self.startTicks() - 1, Instant.EPOCH);
    RunningProcess gone =
        new RunningProcess(self.host(), self.space(), goneProcess(), 1, Instant.EPOCH);
    for (RunningProcess dead : List.of(reused, gone)) {
      plant("_lock", of(dead, Runs.NOON));

      try (RunLock lock = RunLock.acquire(open(place), "", QUIET, NOON)) {
        lock.check();
        assertThat(names()).containsExactly("_lock");
        assertThat(lockText().process()).isEqualTo(self);
      }
    }
  }

  @Test
  void whatThisProcessCouldNotDeleteIsTakenOverAtOnce() throws IOException {
    LockText left;
    try (RunLock lock = RunLock.acquire(open(Places.LOCAL), "", QUIET, NOON)) {
      lock.check();
      left = lockText();
      assertThatThrownBy(() -> RunLock.acquire(open(Places.LOCAL), "", QUIET, NOON))
          .isInstanceOf(UserError.class);
    }
    plant("_lock", left);

    RunLock.acquire(open(Places.LOCAL), "", QUIET, NOON).close();

    assertThat(names()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void isTakenOverFromAnotherHostWhenItsHeartbeatIsOld(Places place) throws IOException {
    LockText other = of(elsewhere(), Runs.NOON);
    plant("_lock", other);

    assertThatThrownBy(() -> RunLock.acquire(open(place), "", QUIET, after(60)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("held by process 1 on host 'elsewhere' (user 'somebody', since")
        .hasMessageContaining("last heartbeat 60 s ago");
    assertThat(lockText()).isEqualTo(other);
    try (RunLock lock = RunLock.acquire(open(place), "", QUIET, after(61))) {
      lock.check();
      assertThat(lockText().process()).isEqualTo(RunningProcess.current());
    }
  }

  @Test
  void aHeartbeatOfAWrongClockIsWatched() throws Exception {
    LockPace watchful =
        new LockPace(Duration.ofHours(1), Duration.ofSeconds(60), Duration.ofMinutes(5));
    LockText other = of(elsewhere(), Runs.NOON);
    for (int seconds : new int[] {-3600, 3600}) {
      plant("_lock", other);
      ExecutorService owner = Executors.newSingleThreadExecutor();
      try {
        Future<?> beat =
            owner.submit(
                () -> {
                  Thread.sleep(500);
                  plant("_lock", other.at(Runs.NOON.plusSeconds(10)));
                  return null;
                });
        assertThatThrownBy(() -> RunLock.acquire(open(Places.LOCAL), "", watchful, after(seconds)))
            .isInstanceOf(UserError.class)
            .hasMessageContaining("held by process 1 on host 'elsewhere'");
        beat.get();
      } finally {
        owner.shutdownNow();
      }
    }
  }

  @Test
  void aProcessOfThisHostThatLivesIsNotPushedAsideWhileItBeats() throws IOException {
    plant("_lock", of(alive(), Runs.NOON));

    assertThatThrownBy(() -> RunLock.acquire(open(Places.LOCAL), "", QUIET, after(59)))
        .isInstanceOf(UserError.class);
    // suspended, or without its disk
    RunLock.acquire(open(Places.LOCAL), "", QUIET, after(61)).close();
    assertThat(names()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void finishesATakeoverThatItsProcessDidNotLiveToFinish(Places place) throws IOException {
    LockText first = of(dead(), Runs.NOON);
    LockText second = of(dead(), Runs.NOON);
    LockText third = of(dead(), Runs.NOON);
    plant("_lock", first);
    plant("_lock-" + first.owner(), second);
    plant("_lock-" + second.owner(), third);

    try (RunLock lock = RunLock.acquire(open(place), "", QUIET, NOON)) {
      lock.check();
      assertThat(names()).containsExactly("_lock");
    }
  }

  @Test
  void isNotLedInCircles() throws IOException {
    LockText first = of(dead(), Runs.NOON);
    plant("_lock", first);
    plant("_lock-" + first.owner(), first);
    RunFolder folder = open(Places.LOCAL);

    assertThatThrownBy(() -> RunLock.acquire(folder, ""))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write to '%s': files '%s/_lock-...' name each other. Check its permissions and"
                + " its space.",
            folder, folder);
  }

  @Test
  void aTakeoverInProgressCounts() throws IOException {
    LockText first = of(dead(), Runs.NOON);
    plant("_lock", first);
    plant("_lock-" + first.owner(), of(alive(), Runs.NOON));

    assertThatThrownBy(() -> RunLock.acquire(open(Places.LOCAL), "", QUIET, NOON))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("held by process " + alive().pid());
  }

  /** Whoever claims to follow an owner that has a successor already will take the claim back. */
  @Test
  void aClaimThatComesTooLateIsNotTakenForTheOwner() throws Exception {
    LockText first = of(dead(), Runs.NOON);
    RunningProcess late = RunningProcess.of(ProcessHandle.of(1).orElseThrow());
    plant("_lock", first);
    // What cannot be understood is read again after a moment.
    Files.writeString(out.resolve("_lock-" + first.owner()), "not yet");
    ExecutorService asking = Executors.newSingleThreadExecutor();
    try {
      Future<RunLock> asked =
          asking.submit(() -> RunLock.acquire(open(Places.LOCAL), "", QUIET, NOON));
      Thread.sleep(300);
      plant("_lock", of(alive(), Runs.NOON));
      plant("_lock-" + first.owner(), of(late, Runs.NOON));

      assertThatThrownBy(asked::get)
          .hasCauseInstanceOf(UserError.class)
          .hasMessageContaining("held by process " + alive().pid() + " on host");
    } finally {
      asking.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofManyThreadsThatRaceForADeadLockOneWinsAndTheOthersLearnWhich(Places place)
      throws Exception {
    int threads = 6;
    ExecutorService racers = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 10; round++) {
        out = scratch.resolve("out-" + round);
        if (round % 2 == 0) {
          plant("_lock", of(dead(), Runs.NOON));
        }
        CountDownLatch start = new CountDownLatch(1);
        Map<String, RunLock> winners = new ConcurrentHashMap<>();
        List<Future<Optional<String>>> results = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          String name = "application 'racer-%d'".formatted(i);
          String application = "racer-" + i;
          results.add(
              racers.submit(
                  () -> {
                    RunFolder folder = open(place);
                    start.await();
                    try {
                      winners.put(name, RunLock.acquire(folder, application, QUIET, NOON));
                      return Optional.empty();
                    } catch (UserError e) {
                      return Optional.of(e.getMessage());
                    }
                  }));
        }
        start.countDown();
        List<String> refused = new ArrayList<>();
        for (Future<Optional<String>> result : results) {
          result.get().ifPresent(refused::add);
        }

        assertThat(winners).as("round %d", round).hasSize(1);
        String winner = winners.keySet().iterator().next();
        assertThat(refused).as("round %d", round).hasSize(threads - 1);
        assertThat(refused).as("round %d", round).allMatch(message -> message.contains(winner));
        winners.get(winner).check();
        winners.get(winner).close();
        assertThat(names()).isEmpty();
      }
    } finally {
      racers.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource
  void nobodyGetsInBetweenTwoHeartbeats(Places place) throws Exception {
    LockPace fast =
        new LockPace(Duration.ofMillis(1), Duration.ofSeconds(60), Duration.ofMillis(300));
    try (RunLock lock = RunLock.acquire(open(place), "", fast, Clock.systemUTC())) {
      for (int i = 0; i < 30; i++) {
        RunFolder folder = open(place);
        assertThatThrownBy(() -> RunLock.acquire(folder, "")).isInstanceOf(UserError.class);
      }
      lock.check();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theCheckFindsANewOwner(Places place) throws IOException {
    RunFolder folder = open(place);
    RunLock lock = RunLock.acquire(folder, "", QUIET, NOON);
    LockText other = of(elsewhere(), Runs.NOON);
    plant("_lock", other);
    String message =
        "Cannot go on in '%s': it is now held by process 1 on host 'elsewhere' (user 'somebody',"
            + " since 2026-01-31T12:00:00Z, last heartbeat 0 s ago)";

    assertThatThrownBy(lock::check)
        .isInstanceOf(LockLostException.class)
        .hasMessage(message, folder);
    Files.delete(out.resolve("_lock"));
    assertThatThrownBy(lock::check).hasMessage(message, folder);

    plant("_lock", other);
    lock.close();
    assertThat(lockText()).isEqualTo(other);
  }

  @Test
  void theCheckFindsAClaim() throws IOException {
    RunLock lock = RunLock.acquire(open(Places.LOCAL), "", QUIET, NOON);
    plant("_lock-" + lockText().owner(), of(elsewhere(), Runs.NOON));

    assertThatThrownBy(lock::check)
        .isInstanceOf(LockLostException.class)
        .hasMessageContaining("it is now held by process 1 on host 'elsewhere'");
    lock.close();
    assertThat(names()).hasSize(2);
  }

  @Test
  void theCheckFindsThatTheFileIsGone() throws IOException {
    RunFolder folder = open(Places.LOCAL);
    RunLock lock = RunLock.acquire(folder, "", QUIET, NOON);
    Files.delete(out.resolve("_lock"));

    assertThatThrownBy(lock::check)
        .isInstanceOf(LockLostException.class)
        .hasMessage("Cannot go on in '%s': somebody removed '%s/_lock'", folder, folder);
    lock.close();
    assertThat(names()).isEmpty();
  }

  @Test
  void aHeartbeatDoesNotBringBackALostLock() throws Exception {
    LockPace fast =
        new LockPace(Duration.ofMillis(20), Duration.ofSeconds(60), Duration.ofMillis(300));
    try (RunLock lock = RunLock.acquire(open(Places.LOCAL), "", fast, Clock.systemUTC())) {
      LockText other = of(elsewhere(), Runs.NOON);
      // the claim comes first, as in a real takeover
      plant("_lock-" + lockText().owner(), other);
      Thread.sleep(300);
      plant("_lock", other);
      Thread.sleep(300);

      assertThat(lockText()).isEqualTo(other);
      assertThatThrownBy(lock::check).isInstanceOf(LockLostException.class);
    }
  }

  @Test
  void aHeartbeatThatCannotBeWrittenHarmsOnlyWhenItIsTooOld() throws Exception {
    Configuration settings = Places.REMOTE.settings(scratch.resolve("log"));
    // the first one is that of the lock itself
    new Fault(Operation.CREATE, "_lock", 2, Moment.BEFORE, Effect.NO_SPACE_FROM_THEN_ON)
        .configure(settings);
    LockPace fast =
        new LockPace(Duration.ofMillis(50), Duration.ofSeconds(4), Duration.ofMillis(300));
    RunFolder folder = RunFolder.open("fault:" + out, settings);
    RunLock lock = RunLock.acquire(folder, "", fast, Clock.systemUTC());
    LockText first = lockText();

    Thread.sleep(200);
    lock.check();
    Thread.sleep(4_000);

    assertThatThrownBy(lock::check)
        .isInstanceOf(LockLostException.class)
        .hasMessage(
            "Cannot go on in '%s': nobody can say whether this process still holds it (No space left"
                + " on device)",
            folder);
    lock.close();
    assertThat(lockText()).isEqualTo(first);
  }

  @Test
  void anOldHeartbeatIsMadeUpForByTheCheck() throws Exception {
    LockPace slow =
        new LockPace(Duration.ofHours(1), Duration.ofMillis(100), Duration.ofMillis(300));
    try (RunLock lock = RunLock.acquire(open(Places.LOCAL), "", slow, Clock.systemUTC())) {
      Instant first = lockText().heartbeat();
      Thread.sleep(200);

      lock.check();

      assertThat(lockText().heartbeat()).isAfter(first);
    }
  }

  @Test
  void aLockThatNobodyCanReadIsRespectedForAMinute() throws IOException {
    Files.createDirectory(out);
    Files.writeString(out.resolve("_lock"), "{\"owner\": ");

    assertThatThrownBy(() -> RunLock.acquire(open(Places.LOCAL), ""))
        .isInstanceOf(UserError.class)
        .hasMessageMatching(
            "Cannot generate into '.*': it is held by somebody whose lock cannot be read \\(written"
                + " \\d+ s ago\\). Wait for its end, or choose another --out.");
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(90));
    RunLock.acquire(open(Places.LOCAL), "", QUIET, later).close();
    assertThat(names()).isEmpty();
  }

  @Test
  void removesWhatDeadProcessesBegan() throws IOException {
    Files.createDirectories(out.resolve("_waves"));
    Files.write(out.resolve("run.json"), Runs.manifest().bytes());
    Path old = Files.writeString(out.resolve("._lock.0123456789abcdef.tmp"), "");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(3600)));
    plant("._lock.0123456789abcded.tmp", of(dead(), Runs.NOON));
    for (String name :
        List.of(
            "._lock.0123456789abcdee.tmp",
            ".run.json.0123456789abcdef.tmp",
            "_waves/.7.json.0123456789abcdef.tmp",
            "_lock-00000000-0000-0000-0000-000000000000",
            ".mine.tmp")) {
      Files.writeString(out.resolve(name), "");
    }

    try (RunLock lock = RunLock.acquire(open(Places.LOCAL), "", QUIET, NOON)) {
      lock.check();

      assertThat(names())
          .containsExactlyInAnyOrder(
              "run.json", "_waves", "_lock", "._lock.0123456789abcdee.tmp", ".mine.tmp");
      assertThat(out.resolve("_waves")).isEmptyDirectory();
    }
  }

  @Test
  void aLockThatWasGivenBackCannotBeChecked() {
    RunFolder folder = open(Places.LOCAL);
    RunLock lock = RunLock.acquire(folder, "");
    lock.close();
    lock.close();

    assertThatThrownBy(lock::check)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The lock of '%s' was given back", folder);
  }

  private RunFolder open(Places place) {
    return place.open(out, scratch.resolve("log"));
  }

  private static Clock after(int seconds) {
    return Clock.offset(NOON, Duration.ofSeconds(seconds));
  }

  private static LockText of(RunningProcess process, Instant time) {
    LockText text = LockText.of(process, "", Clock.fixed(time, ZoneOffset.UTC));
    return new LockText(text.owner(), process, "somebody", "", time, time);
  }

  private static RunningProcess elsewhere() {
    return new RunningProcess("elsewhere", "another machine", 1, 1, Instant.EPOCH);
  }

  private static RunningProcess dead() {
    RunningProcess self = RunningProcess.current();
    return new RunningProcess(self.host(), self.space(), self.pid(), 1, Instant.EPOCH);
  }

  /** Another process that lives as long as this one: what started it. */
  private static RunningProcess alive() {
    return RunningProcess.of(ProcessHandle.current().parent().orElseThrow());
  }

  private static long goneProcess() {
    long pid = 4_000_000;
    while (ProcessHandle.of(pid).isPresent()) {
      pid++;
    }
    return pid;
  }

  private void plant(String name, LockText text) throws IOException {
    Files.createDirectories(out);
    Path temporary = scratch.resolve("planted");
    Files.write(temporary, text.bytes());
    Files.move(temporary, out.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private LockText lockText() throws IOException {
    byte[] content = Files.readAllBytes(out.resolve("_lock"));
    assertThat(new String(content, StandardCharsets.UTF_8)).endsWith("}\n");
    return LockText.read("_lock", content);
  }

  private List<String> names() throws IOException {
    try (var entries = Files.list(out)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }
}
