package io.tandem.train;

import io.tandem.kernel.Optimizer;
import io.tandem.kernel.TrainingState;
import java.util.List;
import java.util.Map;

/**
 * Something that learns step by step. What step s does depends on the state and on s alone, so that
 * a run can stop after any step and go on from its checkpoint to the same weights.
 *
 * <p>Used by one thread; the caller closes it.
 */
public interface TrainingTask extends AutoCloseable {

  /** Returns the name of the stage, for progress and tables. */
  String stage();

  /**
   * Returns one line with everything that decides the weights: settings, seed, data. A checkpoint
   * of another line is refused.
   */
  String identity();

  /** Returns how long and how fast the run learns. */
  Pace pace();

  /** Returns how many steps the run has. */
  default long steps() {
    return pace().steps();
  }

  /** Returns how many images the steps before {@code step} see. */
  long imagesBefore(long step);

  /** Returns weights, gradients and moments. */
  TrainingState state();

  /**
   * Adds the gradients of one step to the state's.
   *
   * @return the loss, its parts, and how many images were seen
   */
  StepLoss gradients(long step);

  /** Does what follows the optimiser's step, such as reviving dead codes. */
  default void finishStep(long step) {}

  /** Returns what else a checkpoint must hold, by name; the arrays are read and filled in place. */
  default Map<String, float[]> memory() {
    return Map.of();
  }

  /** Returns how the optimiser moves. */
  default Optimizer optimizer() {
    return Optimizer.VAR;
  }

  /** Returns the learning rate over the run. */
  default LearningRate learningRate() {
    return pace().learningRate();
  }

  /** Returns the weight decay of each tensor, in the order of the weights. */
  default List<Double> weightDecay() {
    return pace().weightDecay(state().weights());
  }

  @Override
  void close();
}
