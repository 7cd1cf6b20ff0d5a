package io.tandem.kernel;

import io.tandem.model.DeviceSpec;

/**
 * What a training changes: weights, their gradients, and the optimiser's two moments, each tensor
 * under its official name.
 *
 * <p>Used by one thread at a time; the caller closes it, and with it the weights.
 */
public final class TrainingState implements AutoCloseable {

  private final TrainingTensors weights;
  private final TrainingTensors gradients;
  private final TrainingTensors means;
  private final TrainingTensors squares;

  /** Takes over {@code weights}; gradients and moments are zero. */
  public TrainingState(TrainingTensors weights) {
    this(weights, weights.zeros(), weights.zeros());
  }

  /** Takes over weights and moments; gradients are zero. */
  public TrainingState(TrainingTensors weights, TrainingTensors means, TrainingTensors squares) {
    this.weights = weights;
    this.gradients = weights.zeros();
    this.means = means;
    this.squares = squares;
  }

  /** Returns the device on which all tensors live. */
  public DeviceSpec device() {
    return weights.device();
  }

  /** Returns the weights. */
  public TrainingTensors weights() {
    return weights;
  }

  /** Returns the sums of gradients since the last step of the optimiser. */
  public TrainingTensors gradients() {
    return gradients;
  }

  /** Returns the running means of the gradients. */
  public TrainingTensors means() {
    return means;
  }

  /** Returns the running means of the squared gradients. */
  public TrainingTensors squares() {
    return squares;
  }

  @Override
  public void close() {
    weights.close();
    gradients.close();
    means.close();
    squares.close();
  }
}
