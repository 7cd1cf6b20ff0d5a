package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.job.StageRecord;
import io.tandem.job.TrainingFolder;
import io.tandem.job.TrainingRun;
import io.tandem.job.TrainingRun.Outcome;
import io.tandem.job.TrainingRun.StopWish;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Options of where a training keeps its files, how often, and for how long. */
final class TrainingRunOptions {

  private static final double SECONDS = 60;
  private static final double MOST_MINUTES = 1e6;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = {
        "Folder of state, weights, pictures and the table of the run. The same command goes on from"
            + " what is there."
      })
  private Path out;

  @Option(
      names = "--checkpoint-minutes",
      defaultValue = "5",
      paramLabel = "MINUTES",
      description = "Longest time between two checkpoints (default ${DEFAULT-VALUE}).")
  private double checkpointMinutes;

  @Option(
      names = "--picture-minutes",
      defaultValue = "15",
      paramLabel = "MINUTES",
      description = {
        "Shortest time between two sheets of pictures, which are drawn at checkpoints (default"
            + " ${DEFAULT-VALUE})."
      })
  private double pictureMinutes;

  @Option(
      names = "--minutes",
      paramLabel = "MINUTES",
      description = {
        "Stop after this time with a checkpoint and exit code 5; the same command goes on."
      })
  private Double minutes;

  @Option(
      names = "--dry-run",
      description = "Print the resolved settings and what a step takes; write nothing.")
  private boolean isDryRun;

  /** Returns whether nothing is to be done. */
  boolean isDryRun() {
    return isDryRun;
  }

  /**
   * Passes if there is a place for files and the times make sense.
   *
   * @throws io.tandem.base.UserError otherwise
   */
  void checkPlaces() {
    check(out != null || isDryRun, "Cannot train to nowhere. Pass --out FOLDER, or --dry-run.");
    checkMinutes("--checkpoint-minutes", checkpointMinutes);
    checkMinutes("--picture-minutes", pictureMinutes);
    if (minutes != null) {
      checkMinutes("--minutes", minutes);
    }
  }

  private static void checkMinutes(String option, double minutes) {
    check(
        minutes >= 0 && minutes <= MOST_MINUTES,
        "Cannot use %s %s (minutes from 0 up)",
        option,
        minutes);
  }

  /**
   * Runs {@code job} in the folder and returns the exit code.
   *
   * @param spec of the command
   */
  int run(CommandSpec spec, Function<TrainingRun, Outcome> job) {
    long begun = System.nanoTime();
    try (StopSignals signals = StopSignals.listen(spec.commandLine().getErr());
        TrainingFolder folder = TrainingFolder.open(out)) {
      TrainingRun run = new TrainingRun(folder, conditions(spec, () -> stopWish(signals, begun)));
      return job.apply(run) == Outcome.STOPPED ? ExitCode.INTERRUPTED : ExitCode.DONE;
    }
  }

  private StopWish stopWish(StopSignals signals, long begunNanos) {
    if (signals.isStopWished()) {
      return StopWish.NOW;
    }
    double seconds = (System.nanoTime() - begunNanos) / 1e9;
    return minutes != null && seconds > minutes * SECONDS ? StopWish.AT_A_STEP : StopWish.NONE;
  }

  private TrainingRun.Conditions conditions(CommandSpec spec, Supplier<StopWish> stop) {
    return new TrainingRun.Conditions(
        new StageRecord.Origin(
            spec.root().commandLine().getParseResult().originalArgs(), Software.versions()),
        duration(checkpointMinutes),
        duration(pictureMinutes),
        stop,
        new TrainingLine(spec.commandLine().getOut(), spec.commandLine().getErr()));
  }

  private static Duration duration(double minutes) {
    return Duration.ofMillis(Math.round(minutes * SECONDS * 1000));
  }
}
