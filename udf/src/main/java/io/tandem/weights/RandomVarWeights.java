package io.tandem.weights;

import io.tandem.model.VarConfig;
import io.tandem.weights.RandomWeights.Recipe;
import io.tandem.weights.RandomWeights.Run;
import java.util.List;
import java.util.Map;

/**
 * Makes transformers with random weights, for sizing, benchmarks and tests.
 *
 * <p>Float32 tensors under the official names. Each layer keeps the variance of what it gets, the
 * gates of the residual branches lie between about 0.1 and 0.5, and the logits have a standard
 * deviation of about 2, so that filters and guidance have something to do.
 */
public final class RandomVarWeights {

  private static final float LOGIT_DEVIATION = 2;

  /** Mean square of SiLU(x) for x of unit variance, by which AdaLN layers see their condition. */
  private static final double SILU_POWER = 0.356;

  /** Mean square of GELU(x) for x of unit variance. */
  private static final double GELU_POWER = 0.425;

  private static final float GATE_MEAN = 0.3f;
  private static final float GATE_DEVIATION = 0.08f;
  private static final float MODULATION_DEVIATION = 0.2f;
  private static final float BLOCK_OFFSET_DEVIATION = 0.05f;
  private static final float POSITION_DEVIATION = 0.5f;
  private static final float BIAS_DEVIATION = 0.02f;

  private RandomVarWeights() {}

  /**
   * Returns weights of a transformer; the same configuration and seed give the same numbers. The
   * origin reads {@code random:DEPTH}.
   */
  public static WeightSource of(VarConfig config, long seed) {
    Recipe recipe = new Recipe("random:" + config.depth(), config.toString(), seed);
    return new RandomWeights(
        recipe,
        WeightNames.transformer(config),
        Map.of(WeightNames.LEVELS, WeightNames.levels(config.schedule()).numbers()),
        spec -> runs(spec, config.width()));
  }

  private static List<Run> runs(TensorSpec spec, long width) {
    String name = spec.name();
    long all = spec.numbers();
    if (name.endsWith("ada_lin.1.weight") && !name.startsWith("head_nm")) {
      double power = width * SILU_POWER;
      return gatesFirst(
          width * width,
          new Run(0, 0, over(GATE_DEVIATION, power)),
          over(MODULATION_DEVIATION, power));
    }
    if (name.endsWith("ada_lin.1.bias") && !name.startsWith("head_nm")) {
      return gatesFirst(width, new Run(0, GATE_MEAN, 0), 0);
    }
    if (name.endsWith(".scale_mul_1H11")) {
      return List.of(new Run(all, (float) Math.log(4), 0));
    }
    return List.of(new Run(all, 0, deviation(spec, width)));
  }

  /** Two gates come first in an AdaLN layer, then two scales and two shifts, each of one width. */
  private static List<Run> gatesFirst(long chunk, Run gates, float modulation) {
    return List.of(
        new Run(2 * chunk, gates.mean(), gates.deviation()), new Run(4 * chunk, 0, modulation));
  }

  private static float deviation(TensorSpec spec, long width) {
    String name = spec.name();
    if (name.equals("class_emb.weight")) {
      return 1;
    }
    if (name.startsWith("pos_") || name.equals("lvl_embed.weight")) {
      return POSITION_DEVIATION;
    }
    if (name.endsWith(".ada_gss")) {
      return BLOCK_OFFSET_DEVIATION;
    }
    if (name.endsWith("bias")) {
      return BIAS_DEVIATION;
    }
    long inputs = spec.shape().get(1);
    if (name.equals("head.weight")) {
      return over(LOGIT_DEVIATION, width);
    }
    if (name.equals("head_nm.ada_lin.1.weight")) {
      return over(MODULATION_DEVIATION, inputs * SILU_POWER);
    }
    if (name.endsWith("ffn.fc2.weight")) {
      return over(1, inputs * GELU_POWER);
    }
    return over(1, inputs);
  }

  private static float over(double deviation, double power) {
    return (float) (deviation / Math.sqrt(power));
  }
}
