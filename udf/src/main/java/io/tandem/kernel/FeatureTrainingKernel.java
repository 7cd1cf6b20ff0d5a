package io.tandem.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/** Gradients of the feature network's loss ({@code feature_training.py}). */
public final class FeatureTrainingKernel {

  private FeatureTrainingKernel() {}

  /**
   * What a call computed.
   *
   * @param loss mean cross-entropy in nats
   * @param right how many images were told right
   */
  public record Losses(double loss, long right) {}

  /**
   * Adds the gradients of the cross-entropy to those of {@code state}.
   *
   * @param pixels red, green and blue planes of each image, in [0, 1]
   * @param side height and width
   * @param labels class of each image
   */
  public static Losses gradients(TrainingState state, float[] pixels, int side, long[] labels) {
    try (TrainingCall call = new TrainingCall("feature_gradients", state.device())) {
      call.with("w", state.weights()).with("g", state.gradients());
      List<NDArray> results =
          call.floats("images", pixels, new Shape(labels.length, 3, side, side))
              .longs("labels", labels)
              .run();
      return new Losses(TransformerTrainingKernel.scalar(results.get(0)), results.get(1).getLong());
    }
  }
}
