package io.tandem.kernel;

import java.util.List;

/**
 * AdamW with decoupled weight decay (arXiv 1711.05101) and clipping by the global norm ({@code
 * training.py}).
 *
 * @param beta1 decay of the first moment per step, in [0, 1)
 * @param beta2 decay of the second moment per step, in [0, 1)
 * @param epsilon added to the root of the second moment
 * @param largestNorm global norm of the gradients beyond which all are scaled down
 */
public record Optimizer(double beta1, double beta2, double epsilon, double largestNorm) {

  /** The settings of VAR's training. */
  public static final Optimizer VAR = new Optimizer(0.9, 0.95, 1e-8, 2.0);

  /**
   * Changes {@code state} by one step in place and sets its gradients to zero.
   *
   * @param rate learning rate
   * @param decay weight decay of each tensor, in the order of the weights
   * @param step how many steps this makes, from 1 on
   * @return the global norm of the gradients before clipping; where it is not finite, weights and
   *     moments are as they were
   */
  public double step(TrainingState state, double rate, List<Double> decay, long step) {
    double[] numbers = {rate, beta1, beta2, epsilon, step, largestNorm};
    try (TrainingCall call = new TrainingCall("adamw", state.weights().device())) {
      call.withList("w", state.weights())
          .withList("g", state.gradients())
          .withList("m", state.means())
          .withList("v", state.squares())
          .doubles("decay", decay.stream().mapToDouble(Double::doubleValue).toArray())
          .doubles("numbers", numbers);
      return call.run().get(0).getDouble();
    }
  }
}
