package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import io.tandem.fault.FaultFileSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A fault before and after each kind of step that a run takes in its file system: the disk is full,
 * or the driver is gone. Whatever it was, the same command makes the data set complete, and the
 * same. The kinds of steps are those that were seen in a run without a fault, and in one that took
 * over from a dead one.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GenerateFaultsIT {

  /** Everything that a finished run has. */
  private static final String FINISHED =
      "run.json|status.json|contact-sheet.png|_waves(/[012].json)?"
          + "|(images|latency)(/wave=[012](/part-0000[01]-[0-9a-f-]{36}-c000.zstd.parquet)?)?"
          + "|runs(/\\d.*Z-[0-9a-f-]{36}.parquet)?";

  private static final AtomicInteger COUNT = new AtomicInteger();

  @TempDir static Path folder;

  private static SharedSpark spark;
  private static Map<Long, String> plain;
  private static List<RunStep> steps;
  private static List<RunStep> takeOverSteps;

  /** A run whose driver halted in its second wave. */
  private static Path dead;

  /** Drivers that halt, in JVMs beside this one. */
  private static final ExecutorService DRIVERS = Executors.newFixedThreadPool(2);

  private static final Map<FaultCase, Future<Ran>> HALTED = new LinkedHashMap<>();

  /** One fault. */
  private record FaultCase(RunStep step, Moment moment, Path run) {

    private static FaultCase of(RunStep step, Moment moment) {
      return new FaultCase(step, moment, folder.resolve(COUNT.incrementAndGet() + "/run"));
    }

    @Override
    public String toString() {
      return moment + " " + step;
    }
  }

  @BeforeAll
  static void recordSteps() throws IOException {
    Path log = folder.resolve("steps");
    spark = SharedSpark.open(log, Map.of());
    Path clean = folder.resolve("clean/run");
    Ran ran = SmallSet.here("fault:" + clean);
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    plain = StoredRun.samples(clean);
    steps = RunStep.in(log, clean);

    RunStep commit = step(Operation.RENAME, "-> .*/images/wave=\\d/part").of(1);
    FaultCase death = FaultCase.of(commit, Moment.AFTER);
    dead = death.run();
    assertThat(halt(death).exitCode()).isEqualTo(137);
    Path takenOver = copyOfTheDead(folder.resolve("taken-over/run"));
    SmallSet.here("fault:" + takenOver);
    takeOverSteps = new ArrayList<>(RunStep.in(log, takenOver));
    takeOverSteps.removeIf(
        it -> steps.stream().anyMatch(known -> known.names().equals(it.names())));

    for (RunStep step : steps) {
      for (Moment moment : Moment.values()) {
        if (isNamed(step)) {
          FaultCase each = FaultCase.of(step.of(moment == Moment.BEFORE ? 1 : 2), moment);
          HALTED.put(each, DRIVERS.submit(() -> halt(each)));
        }
      }
    }
    for (RunStep step : takeOverSteps) {
      if (step.operation() == Operation.RENAME || step.operation() == Operation.DELETE) {
        FaultCase each = FaultCase.of(step, Moment.AFTER);
        copyOfTheDead(each.run());
        HALTED.put(each, DRIVERS.submit(() -> halt(each)));
      }
    }
  }

  @AfterAll
  static void stop() {
    DRIVERS.shutdownNow();
    spark.close();
  }

  @Test
  @Order(0)
  void theStepsAreTheOnesThatMatter() {
    assertThat(steps)
        .extracting(RunStep::toString)
        .anyMatch(it -> it.matches("RENAME images/.*/attempt_.*task_.*"))
        .anyMatch(it -> it.matches("RENAME images/.*/task_.*/part-.*images/wave=.*/part-.*"))
        .anyMatch(it -> it.matches("DELETE images/wave=.*/_temporary"))
        .anyMatch(it -> it.matches("RENAME latency/.*/task_.*/part-.*latency/wave=.*/part-.*"))
        .anyMatch(it -> it.startsWith("RENAME _waves/"))
        .anyMatch(it -> it.matches("RENAME ._lock.* -> .*_lock"))
        .anyMatch(it -> it.matches("RENAME .run.json.* -> .*run.json"))
        .anyMatch(it -> it.matches("RENAME .status.json.* -> .*status.json"))
        .anyMatch(it -> it.startsWith("RENAME runs/"))
        .anyMatch(it -> it.startsWith("DELETE _lock"));
    assertThat(takeOverSteps)
        .extracting(RunStep::toString)
        .anyMatch(it -> it.matches("RENAME ._lock-.* -> .*_lock-.*"))
        .anyMatch(it -> it.startsWith("DELETE _lock-"))
        .anyMatch(it -> it.startsWith("DELETE images/wave"));
  }

  @ParameterizedTest
  @MethodSource("eachStepTwice")
  @Order(1)
  void noSpace(FaultCase each) {
    assertNoSpace(each);
  }

  @ParameterizedTest
  @MethodSource("eachStepOfATakeOver")
  @Order(2)
  void noSpaceWhileADeadRunIsTakenOver(FaultCase each) throws IOException {
    copyOfTheDead(each.run());

    assertNoSpace(each);
  }

  @ParameterizedTest
  @MethodSource("halts")
  @Order(3)
  void theDriverHalts(FaultCase each) throws Exception {
    Ran halted = HALTED.get(each).get();

    assertThat(halted.exitCode()).as(halted.err()).isEqualTo(137);
    assertThatTheSameCommandMakesItComplete(each.run());
  }

  /** As a full disk would be, whose tasks fail again and again. */
  @Test
  @Order(4)
  void noSpaceForAnyFileOfImagesAndThenSpaceAgain() {
    FaultCase each =
        FaultCase.of(step(Operation.WRITE, "images/wave=\\d/_temp").of(1), Moment.AFTER);
    FaultFileSystem.arm(each.step().fault(each.moment(), Effect.NO_SPACE_FROM_THEN_ON));

    Ran ran = SmallSet.here("fault:" + each.run());

    assertThat(ran.exitCode()).isEqualTo(3);
    assertThat(ran.err()).contains("No space left on device");
    assertThat(each.run().resolve("status.json")).content().contains("\"state\" : \"failed\"");
    assertThatTheSameCommandMakesItComplete(each.run());
  }

  private void assertNoSpace(FaultCase each) {
    FaultFileSystem.arm(each.step().fault(each.moment(), Effect.NO_SPACE));

    Ran ran = SmallSet.here("fault:" + each.run());

    assertThat(RunStep.hadFault(folder.resolve("steps"), each.run())).isTrue();
    // Tasks are tried again, and a leftover that cannot be removed is no failure.
    assertThat(ran.exitCode()).as(ran.err()).isIn(0, 2, 3);
    if (ran.exitCode() == 0) {
      assertThat(StoredRun.samples(each.run())).isEqualTo(plain);
    } else {
      assertThat(ran.err()).contains("No space left on device");
    }
    assertThatTheSameCommandMakesItComplete(each.run());
  }

  private static void assertThatTheSameCommandMakesItComplete(Path run) {
    FaultFileSystem.disarm();

    Ran again = SmallSet.here("fault:" + run);

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(StoredRun.samples(run)).isEqualTo(plain);
    assertThat(StoredRun.tree(run))
        .allMatch(it -> it.matches(FINISHED))
        .contains("contact-sheet.png");
    assertThat(run.resolve("status.json")).content().contains("\"state\" : \"done\"");
    assertThat(SmallSet.verify("fault:" + run, 0).out())
        .contains("; 0 findings", "verdict    good");
  }

  private static Ran halt(FaultCase each) {
    Path run = each.run();
    try {
      Files.createDirectories(run.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return LauncherRun.local(run.getParent())
        .with(each.step().fault(each.moment(), Effect.HALT))
        .run(SmallSet.command("fault:" + run));
  }

  static Stream<FaultCase> eachStepTwice() {
    return steps.stream()
        .flatMap(
            step ->
                Stream.of(Moment.values())
                    .filter(it -> isOneOfItsKind(step, it))
                    .map(it -> FaultCase.of(step.of(it == Moment.BEFORE ? 1 : 2), it)));
  }

  /**
   * Of faults that leave the same behind one is enough: after a file is created it is as before it
   * is renamed, all small files are written by the same few lines, and the tasks of latency by the
   * same committer as those of images. What is removed needs no space.
   */
  private static boolean isOneOfItsKind(RunStep step, Moment moment) {
    boolean isTask = step.isOf("_temporary/0") && step.isOf("latency") && !step.isOf("part-");
    boolean isFirstOfMany = step.isOfWaves() || step.isOf("_waves");
    return switch (step.operation()) {
      case MKDIRS -> moment == Moment.BEFORE && !isTask;
      case CREATE -> moment == Moment.BEFORE;
      case WRITE -> moment == Moment.AFTER && isFirstOfMany && !step.isOf("latency");
      case RENAME -> (moment == Moment.AFTER || isFirstOfMany) && !isTask;
      case DELETE -> isFirstOfMany && !step.isOf("staging");
    };
  }

  static Stream<FaultCase> eachStepOfATakeOver() {
    return takeOverSteps.stream()
        .filter(step -> step.operation() == Operation.RENAME)
        .flatMap(step -> Stream.of(Moment.values()).map(it -> FaultCase.of(step, it)));
  }

  static Stream<FaultCase> halts() {
    return HALTED.keySet().stream();
  }

  /** What is between two of these steps changes what is hidden alone. */
  private static boolean isNamed(RunStep step) {
    return switch (step.operation()) {
      case RENAME -> !step.isOf("latency") || step.isOf("-> .*/latency/wave=\\d/part");
      case DELETE -> !step.isOf("staging") && !step.isOf("latency");
      case MKDIRS, CREATE, WRITE -> false;
    };
  }

  private static RunStep step(Operation operation, String text) {
    return steps.stream()
        .filter(it -> it.operation() == operation && it.isOf(text))
        .findFirst()
        .orElseThrow();
  }

  private static Path copyOfTheDead(Path copy) throws IOException {
    try (Stream<Path> files = Files.walk(dead)) {
      for (Path file : files.toList()) {
        Path target = copy.resolve(dead.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    return copy;
  }
}
