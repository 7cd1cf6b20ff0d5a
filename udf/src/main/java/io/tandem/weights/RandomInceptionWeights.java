package io.tandem.weights;

import io.tandem.weights.RandomWeights.Recipe;
import io.tandem.weights.RandomWeights.Run;
import java.util.List;
import java.util.Map;

/**
 * Makes Inception networks with random weights, for benchmarks and tests: their features tell
 * nothing.
 *
 * <p>Float32 tensors under torchvision's names. Each convolution about keeps the mean square of
 * what it gets, and normalisations change nothing.
 */
public final class RandomInceptionWeights {

  private static final float BIAS_DEVIATION = 0.02f;

  private RandomInceptionWeights() {}

  /** Returns weights; the same seed gives the same numbers. The origin reads {@code random}. */
  public static WeightSource of(long seed) {
    Recipe recipe = new Recipe("random", "inception 2015-12-05", seed);
    return new RandomWeights(
        recipe, InceptionCheckpoint.shapes(), Map.of(), spec -> List.of(run(spec)));
  }

  private static Run run(TensorSpec spec) {
    long all = spec.numbers();
    String name = spec.name();
    if (name.endsWith(".bn.weight") || name.endsWith(".running_var")) {
      return new Run(all, 1, 0);
    }
    if (spec.shape().size() == 1) {
      return new Run(all, 0, BIAS_DEVIATION);
    }
    // Half of what a rectifier gets is lost.
    double inputs = (double) all / spec.shape().get(0);
    return new Run(all, 0, (float) Math.sqrt(2 / inputs));
  }
}
