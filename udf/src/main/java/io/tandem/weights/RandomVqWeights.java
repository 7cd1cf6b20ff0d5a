package io.tandem.weights;

import io.tandem.model.VqConfig;
import io.tandem.weights.RandomWeights.Recipe;
import io.tandem.weights.RandomWeights.Run;
import java.util.List;
import java.util.Map;

/**
 * Makes tokenisers with random weights, for sizing, benchmarks and tests.
 *
 * <p>Float32 tensors under the official names. Each convolution keeps the variance of what it gets,
 * codes have unit variance, and images come out within [-1, 1] for the most part.
 */
public final class RandomVqWeights {

  /** Mean square of SiLU(x) for x of unit variance, as after group normalisation. */
  private static final double SILU_POWER = 0.356;

  /** Residual branches are weaker than what they add to. */
  private static final double BRANCH_DEVIATION = 0.5;

  private static final double PIXEL_DEVIATION = 0.4;
  private static final float BIAS_DEVIATION = 0.02f;

  private RandomVqWeights() {}

  /**
   * Returns weights of a tokeniser; the same configuration and seed give the same numbers. The
   * origin reads {@code random}.
   */
  public static WeightSource of(VqConfig config, long seed) {
    Recipe recipe = new Recipe("random", config.toString(), seed);
    return new RandomWeights(
        recipe, WeightNames.tokeniser(config), Map.of(), spec -> List.of(run(spec)));
  }

  private static Run run(TensorSpec spec) {
    long all = spec.numbers();
    String name = spec.name();
    if (name.endsWith(".bias")) {
      return new Run(all, 0, isNormalisation(name) ? 0 : BIAS_DEVIATION);
    }
    if (isNormalisation(name)) {
      return new Run(all, 1, 0);
    }
    if (name.equals("quantize.embedding.weight")) {
      return new Run(all, 0, 1);
    }
    long inputs = all / spec.shape().get(0);
    return new Run(all, 0, (float) (gain(name) / Math.sqrt(inputs)));
  }

  private static boolean isNormalisation(String name) {
    return name.matches(".*\\.norm([12]|_out)?\\.(weight|bias)");
  }

  private static double gain(String name) {
    if (name.equals("decoder.conv_out.weight")) {
      return PIXEL_DEVIATION / Math.sqrt(SILU_POWER);
    }
    if (name.matches(".*\\.conv2\\.weight|.*\\.proj_out\\.weight")) {
      return BRANCH_DEVIATION / Math.sqrt(SILU_POWER);
    }
    if (name.matches(".*\\.conv1\\.weight|encoder\\.conv_out\\.weight")) {
      return 1 / Math.sqrt(SILU_POWER);
    }
    return 1;
  }
}
