package io.tandem.train;

import io.tandem.base.UserError;
import io.tandem.train.TrainingCheckpoint.Progress;
import io.tandem.train.TrainingRow.Loss;
import io.tandem.train.TrainingRow.Term;
import io.tandem.train.TrainingRow.Update;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Runs a task from its checkpoint, or from its first step, to its last: gradients, a step of the
 * optimiser, a row for the log, and now and then a checkpoint.
 *
 * <p>A run that is killed and started again ends with the same weights, bit for bit on the same
 * machine, as one that was not.
 */
public final class TrainingLoop {

  private final Path checkpoint;
  private final Duration between;
  private final TrainingLog log;
  private final BooleanSupplier stop;

  /**
   * Makes a loop.
   *
   * @param checkpoint file that holds the state
   * @param between longest time between two checkpoints
   * @param log gets a row for each step, and is flushed before each checkpoint
   * @param stop asked after each step; when true, the loop writes a checkpoint and ends
   */
  public TrainingLoop(Path checkpoint, Duration between, TrainingLog log, BooleanSupplier stop) {
    this.checkpoint = checkpoint;
    this.between = between;
    this.log = log;
    this.stop = stop;
  }

  /**
   * Returns how many steps of {@code task} its checkpoint holds, 0 if there is none.
   *
   * @throws UserError if the checkpoint is of another run or damaged
   */
  public static long stepsDone(Path checkpoint, TrainingTask task) {
    return new TrainingCheckpoint(checkpoint).progress(task).steps();
  }

  /** How a call of {@link #run} ended. */
  public enum Outcome {
    /** All steps are done. */
    FINISHED,
    /** It was asked to stop; another run goes on from the checkpoint. */
    STOPPED
  }

  /**
   * Runs the steps that are left.
   *
   * @throws UserError if the checkpoint is of another run, cannot be written, or if a loss or a
   *     gradient is not finite; the last checkpoint stays as it was
   */
  public Outcome run(TrainingTask task) {
    TrainingCheckpoint file = new TrainingCheckpoint(checkpoint);
    Progress start = file.restore(task);
    long begun = System.nanoTime() - start.elapsedNanos();
    long saved = System.nanoTime();
    long before = saved;
    for (long step = start.steps(); step < task.steps(); step++) {
      StepLoss loss = task.gradients(step);
      requireFinite(task, step, loss.loss(), "loss");
      double rate = task.learningRate().at(step, task.steps());
      double norm = task.optimizer().step(task.state(), rate, task.weightDecay(), step + 1);
      requireFinite(task, step, norm, "norm of the gradients");
      task.finishStep(step);
      long now = System.nanoTime();
      TrainingRow.Pace pace =
          new TrainingRow.Pace(loss.images() * 1e9 / (now - before), now - begun);
      log.add(row(task, step, loss, new Update(rate, norm), pace));
      before = now;
      boolean last = step + 1 == task.steps();
      boolean stopping = !last && stop.getAsBoolean();
      if (last || stopping || now - saved > between.toNanos()) {
        log.flush();
        file.write(task, new Progress(step + 1, now - begun));
        saved = System.nanoTime();
      }
      if (stopping) {
        return Outcome.STOPPED;
      }
    }
    return Outcome.FINISHED;
  }

  private static TrainingRow row(
      TrainingTask task, long step, StepLoss loss, Update update, TrainingRow.Pace pace) {
    List<Term> terms =
        loss.parts().entrySet().stream()
            .map(part -> new Term(part.getKey(), part.getValue()))
            .toList();
    return new TrainingRow(
        step + 1,
        task.imagesBefore(step) + loss.images(),
        new Loss(loss.loss(), terms),
        update,
        pace,
        Instant.now());
  }

  private void requireFinite(TrainingTask task, long step, double number, String what) {
    if (!Double.isFinite(number)) {
      String left =
          Files.exists(checkpoint)
              ? "The last checkpoint is kept: " + checkpoint
              : "There is no checkpoint yet";
      throw UserError.of(
          "Cannot go on training %s: the %s of step %d is %s (finite numbers are needed). %s. Lower"
              + " the learning rate, or train in fp32.",
          task.stage(), what, step + 1, number, left);
    }
  }
}
