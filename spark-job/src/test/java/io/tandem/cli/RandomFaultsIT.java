package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tandem.fault.Fault;
import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes a small data set again and again, with faults by chance: at a step of the file system, or
 * SIGKILL or SIGTERM of the driver or SIGKILL of an executor at any time, one to three of them one
 * after another. Then the same command must make it complete and the same.
 *
 * <p>Runs with {@code -Dtandem.faults=TIMES}. Each series has another seed, which it prints first;
 * {@code -Dtandem.faults.seed=SEED} repeats its choices.
 */
class RandomFaultsIT {

  private static final List<Effect> EFFECTS =
      List.of(Effect.HALT, Effect.HALT, Effect.NO_SPACE, Effect.NO_SPACE_FROM_THEN_ON);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private Random random;
  private List<RunStep> steps;
  private Map<Long, String> plain;

  @Test
  void whateverHappenedTheSameCommandMakesTheSameDataSet() throws Exception {
    String times = System.getProperty("tandem.faults");
    assumeThat(times)
        .as("fifty data sets take half an hour: run with -Dtandem.faults=50")
        .isNotNull();
    long seed = Long.getLong("tandem.faults.seed", System.currentTimeMillis());
    System.out.printf("-Dtandem.faults.seed=%d%n", seed);
    random = new Random(seed);
    undisturbed();

    for (int round = 1; round <= Integer.parseInt(times); round++) {
      Path here = Files.createDirectories(folder.resolve("" + round));
      disturbed(round, here);
      completed(here);
    }
  }

  /** What all others must be, and the steps that it took. */
  private void undisturbed() throws IOException {
    Path run = Files.createDirectories(folder.resolve("0")).resolve("run");
    Fault none = new Fault(Operation.CREATE, "no such file", 1, Moment.BEFORE, Effect.HALT);
    Ran ran = LauncherRun.local(run.getParent()).with(none).run(SmallSet.command("fault:" + run));
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    steps = RunStep.in(run.resolveSibling("steps"), run);
    plain = StoredRun.samples(run);
  }

  private void disturbed(int round, Path here) throws Exception {
    int faults = 1 + random.nextInt(3);
    for (int i = 1; i <= faults; i++) {
      String what =
          switch (random.nextInt(4)) {
            case 0 -> killDriver(here);
            case 1 -> killExecutor(here);
            default -> fault(here);
          };
      System.out.printf("%d.%d %s%n", round, i, what);
    }
  }

  private void completed(Path here) throws Exception {
    Path run = here.resolve("run");
    Ran ran = LauncherRun.local(here).run(SmallSet.command(run.toString()));
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(StoredRun.samples(run)).isEqualTo(plain);
    Ran verified =
        LauncherRun.local(here).run(List.of("verify", "--run", run.toString(), "--samples", "1"));
    assertThat(verified.exitCode()).as(verified.out() + verified.err()).isZero();
  }

  private String fault(Path here) {
    RunStep step = steps.get(random.nextInt(steps.size())).of(random.nextInt(3));
    Moment moment = Moment.values()[random.nextInt(2)];
    Effect effect = EFFECTS.get(random.nextInt(EFFECTS.size()));
    Ran ran =
        LauncherRun.local(here)
            .with(step.fault(moment, effect))
            .run(SmallSet.command("fault:" + here.resolve("run")));
    return "%s %s %s: exit code %d".formatted(effect, moment, step, ran.exitCode());
  }

  private String killDriver(Path here) throws InterruptedException {
    boolean isForced = random.nextBoolean();
    int millis = random.nextInt(10_000);
    try (SparkSubmitRun.Running running =
        LauncherRun.local(here).start(SmallSet.command(here.resolve("run").toString()))) {
      boolean ended = running.driver().waitFor(millis, TimeUnit.MILLISECONDS);
      if (isForced) {
        running.driver().destroyForcibly();
      } else {
        running.driver().destroy();
      }
      return "%s after %d ms%s: exit code %d"
          .formatted(
              isForced ? "SIGKILL" : "SIGTERM",
              millis,
              ended ? ", after the end" : "",
              running.end().exitCode());
    }
  }

  /** Another executor takes its place, and the driver goes on. */
  private String killExecutor(Path here) throws InterruptedException {
    int millis = random.nextInt(4_000);
    try (SparkSubmitRun.Running running =
        LauncherRun.cluster(here).start(SmallSet.command(here.resolve("run").toString()))) {
      while (running.driver().isAlive() && running.executors().isEmpty()) {
        Thread.sleep(20);
      }
      Thread.sleep(millis);
      Optional<ProcessHandle> executor = running.executors().stream().findFirst();
      executor.ifPresent(ProcessHandle::destroyForcibly);
      return "SIGKILL of an executor after %d ms%s: exit code %d"
          .formatted(
              millis, executor.isPresent() ? "" : ", after the end", running.end().exitCode());
    }
  }
}
