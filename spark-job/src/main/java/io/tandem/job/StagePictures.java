package io.tandem.job;

import io.tandem.image.RgbImage;
import io.tandem.weights.WeightSource;

/** Draws what a model can do in the middle of its training. */
@FunctionalInterface
public interface StagePictures {

  /** Returns a sheet of pictures by the model with {@code weights}, which stays open. */
  RgbImage draw(WeightSource weights);
}
