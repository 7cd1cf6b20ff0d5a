package io.tandem.job;

import io.tandem.base.UserError;
import io.tandem.job.TrainingProgress.Count;
import io.tandem.job.TrainingProgress.Reading;
import io.tandem.model.NumberFormat;
import io.tandem.train.TrainedWeights;
import io.tandem.train.TrainingLoop;
import io.tandem.train.TrainingTask;
import io.tandem.weights.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Runs stages in a folder, each from where it stopped.
 *
 * <p>A stage whose finished weights are there already is skipped. Used by one thread.
 */
public final class TrainingRun {

  /** Key of the header of finished weights that names what made them. */
  private static final String IDENTITY = "tandem.run";

  private final TrainingFolder folder;
  private final Conditions conditions;

  /**
   * How a run goes on; nothing of it changes the weights.
   *
   * @param origin who runs it
   * @param betweenCheckpoints longest time between two checkpoints
   * @param betweenPictures shortest time between two sheets of pictures of a stage
   * @param stop asked after each step
   * @param progress is told how far it is
   */
  public record Conditions(
      StageRecord.Origin origin,
      Duration betweenCheckpoints,
      Duration betweenPictures,
      Supplier<StopWish> stop,
      TrainingProgress progress) {

    boolean isStopWished() {
      return stop.get() != StopWish.NONE;
    }
  }

  /** Whether a run is to stop. */
  public enum StopWish {
    /** It is not. */
    NONE,
    /** Its time is over: it stops at the next step, from which another run goes on. */
    AT_A_STEP,
    /** Somebody waits for it: it also stops where another run has to start a stage anew. */
    NOW
  }

  /** How a stage ended. */
  public enum Outcome {
    /** Its steps are done, and its weights written. */
    TRAINED,
    /** Its weights were there. */
    FOUND,
    /** It was asked to stop; another run goes on from its checkpoint. */
    STOPPED
  }

  /** Makes a run; the caller closes {@code folder}. */
  public TrainingRun(TrainingFolder folder, Conditions conditions) {
    this.folder = folder;
    this.conditions = conditions;
  }

  /** Returns the folder of the run. */
  public TrainingFolder folder() {
    return folder;
  }

  /** Returns how the run goes on. */
  public Conditions conditions() {
    return conditions;
  }

  /**
   * Runs what is left of a stage.
   *
   * @throws UserError if the folder holds a checkpoint or weights of another run, cannot be
   *     written, or if a loss is not finite
   */
  public Outcome run(Stage stage) {
    TrainingTask task = stage.task();
    Path weights = folder.weights(task.stage());
    if (Files.exists(weights)) {
      requireSameRun(weights, task);
      say("%s: done before, see '%s'", task.stage(), weights);
      return Outcome.FOUND;
    }
    Path state = folder.state(task.stage());
    long done = TrainingLoop.stepsDone(state, task);
    if (done > 0) {
      say("%s: goes on after step %d of %d", task.stage(), done, task.steps());
    }
    StageLog log = new StageLog(stage, folder, conditions, done);
    TrainingLoop loop =
        new TrainingLoop(state, conditions.betweenCheckpoints, log, conditions::isStopWished);
    if (loop.run(task) == TrainingLoop.Outcome.STOPPED) {
      say(
          "%s: stopped after step %d of %d; the same command goes on from there",
          task.stage(), TrainingLoop.stepsDone(state, task), task.steps());
      return Outcome.STOPPED;
    }
    log.draw(task.stage() + ".png");
    write(stage, weights);
    remove(state);
    say("%s: done, see '%s'", task.stage(), weights);
    return Outcome.TRAINED;
  }

  private static void requireSameRun(Path weights, TrainingTask task) {
    try (SafetensorsFile file = SafetensorsFile.open(weights.toString())) {
      String run = file.metadata().getOrDefault(IDENTITY, "no training run");
      if (!run.equals(task.identity())) {
        throw UserError.of(
            "Cannot train stage '%s': '%s' is of another run:\n  there: %s\n  here:  %s\n"
                + "Repeat the settings of that run, or choose another folder.",
            task.stage(), weights, run, task.identity());
      }
    }
  }

  /** The header has its keys in order, so that the same weights are the same file. */
  private static void write(Stage stage, Path file) {
    Map<String, String> header = new TreeMap<>(stage.header());
    header.put(IDENTITY, stage.task().identity());
    if (stage.transformer().isPresent()) {
      TrainedWeights.write(
          file,
          stage.task().state().weights(),
          stage.transformer().get(),
          NumberFormat.FLOAT32,
          header);
    } else {
      TrainedWeights.write(file, stage.task().state().weights(), NumberFormat.FLOAT32, header);
    }
  }

  private static void remove(Path state) {
    try {
      Files.deleteIfExists(state);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot remove '%s': %s", state, e);
    }
  }

  /**
   * Returns what is to be told how many of {@code images} a stage without steps has gone through.
   * It throws {@link StoppedException} when somebody waits for the run to stop.
   */
  LongConsumer counter(String stage, long images) {
    return new Counter(stage, images);
  }

  private final class Counter implements LongConsumer {

    private final String stage;
    private final long images;
    private final long begunNanos = System.nanoTime();
    private long before = -1;

    private Counter(String stage, long images) {
      this.stage = stage;
      this.images = images;
    }

    @Override
    public void accept(long done) {
      // What another run did before does not count for the speed.
      before = before < 0 ? done - 1 : before;
      double perSecond = (done - before) * 1e9 / Math.max(1, System.nanoTime() - begunNanos);
      conditions.progress.at(
          new Reading(
              stage,
              new Count(done, images, "pictures"),
              OptionalDouble.empty(),
              perSecond,
              (images - done) / perSecond));
      checkStop(stage);
    }
  }

  /** Throws {@link StoppedException} when somebody waits for the run to stop. */
  void checkStop(String stage) {
    if (conditions.stop.get() == StopWish.NOW) {
      throw new StoppedException(stage);
    }
  }

  /** Tells one line. */
  void say(String format, Object... args) {
    conditions.progress.ended(String.format(Locale.ROOT, format, args));
  }

  /** Says that a stage without steps was asked to stop. */
  static final class StoppedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StoppedException(String stage) {
      super(stage + " was asked to stop");
    }
  }
}
