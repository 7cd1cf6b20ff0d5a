package io.tandem.cli;

import io.tandem.fault.Fault;
import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Makes a small data set again and again, with faults by chance: at a step of the file system, or
 * SIGKILL or SIGTERM at any time, one to three of them one after another. Then the same command
 * must make it complete and the same. Arguments: how often, a folder, the seed.
 */
public final class RandomFaults {

  private static final List<Effect> EFFECTS =
      List.of(Effect.HALT, Effect.HALT, Effect.NO_SPACE, Effect.NO_SPACE_FROM_THEN_ON);

  private final Path folder;
  private final Random random;
  private final List<RunStep> steps;
  private final Map<Long, String> plain;

  private RandomFaults(Path folder, Random random) throws IOException {
    this.folder = folder;
    this.random = random;
    Path run = Files.createDirectories(folder.resolve("0")).resolve("run");
    Fault none = new Fault(Operation.CREATE, "no such file", 1, Moment.BEFORE, Effect.HALT);
    Ran ran = LauncherRun.local(run.getParent()).with(none).run(SmallSet.command("fault:" + run));
    require(ran.exitCode() == 0, ran.err());
    steps = RunStep.in(run.resolveSibling("steps"), run);
    plain = StoredRun.samples(run);
  }

  /** Ends with exit code 1 after the first run that is not the same. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]).toAbsolutePath();
    long seed = Long.parseLong(args[2]);
    RandomFaults faults = new RandomFaults(folder, new Random(seed));
    int rounds = Integer.parseInt(args[0]);
    for (int round = 1; round <= rounds; round++) {
      faults.round(round);
    }
    System.out.printf("%d rounds, all the same%n", rounds);
  }

  private void round(int round) throws Exception {
    Path here = Files.createDirectories(folder.resolve("" + round));
    String run = "fault:" + here.resolve("run");
    int faults = 1 + random.nextInt(3);
    for (int i = 1; i <= faults; i++) {
      String what = random.nextInt(4) == 0 ? kill(here, run) : fault(here, run);
      System.out.printf("%d.%d %s%n", round, i, what);
    }
    Ran ran = LauncherRun.local(here).run(SmallSet.command(here.resolve("run").toString()));
    require(ran.exitCode() == 0, ran.err());
    require(StoredRun.samples(here.resolve("run")).equals(plain), "other samples in " + here);
    Ran verified =
        LauncherRun.local(here)
            .run(List.of("verify", "--run", here.resolve("run").toString(), "--samples", "1"));
    require(verified.exitCode() == 0, verified.out() + verified.err());
  }

  private String fault(Path here, String run) {
    RunStep step = steps.get(random.nextInt(steps.size())).of(random.nextInt(3));
    Moment moment = Moment.values()[random.nextInt(2)];
    Effect effect = EFFECTS.get(random.nextInt(EFFECTS.size()));
    Ran ran = LauncherRun.local(here).with(step.fault(moment, effect)).run(SmallSet.command(run));
    return "%s %s %s: exit code %d".formatted(effect, moment, step, ran.exitCode());
  }

  private String kill(Path here, String run) throws InterruptedException {
    boolean isForced = random.nextBoolean();
    int millis = random.nextInt(20_000);
    try (SparkSubmitRun.Running running =
        LauncherRun.local(here).start(SmallSet.command(run.substring("fault:".length())))) {
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

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      System.err.println(otherwise);
      System.exit(1);
    }
  }
}
