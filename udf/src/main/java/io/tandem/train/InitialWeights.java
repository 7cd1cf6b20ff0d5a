package io.tandem.train;

import io.tandem.kernel.TrainingTensors;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.weights.WeightNames;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Weights before the first step. The same configuration and seed give the same numbers; the caller
 * closes the results.
 */
public final class InitialWeights {

  /** Factor of the gates of residual branches, the one that the official scripts give d16. */
  private static final double GATE_GAIN = 1e-3;

  private static final double TRUNCATED_AT = 2;

  private InitialWeights() {}

  /**
   * Returns a transformer.
   *
   * @see <a href="https://github.com/FoundationVision/VAR/blob/78b9539/models/var.py">
   *     VAR.init_weights</a>
   */
  public static TrainingTensors transformer(VarConfig config, long seed, DeviceSpec device) {
    return make(
        WeightNames.transformer(config), (name, shape) -> transformer(name, config), seed, device);
  }

  /** Returns a tokeniser; its codebook is to be filled from data before the first step. */
  public static TrainingTensors tokeniser(VqConfig config, long seed, DeviceSpec device) {
    return make(WeightNames.tokeniser(config), InitialWeights::convolutional, seed, device);
  }

  /** Returns a feature network. */
  public static TrainingTensors features(FeatureConfig config, long seed, DeviceSpec device) {
    return make(WeightNames.features(config), InitialWeights::convolutional, seed, device);
  }

  /** How the numbers of a tensor are drawn. */
  private interface Rule {
    void fill(float[] numbers, Random random);
  }

  private interface Rules {
    Rule of(String name, List<Long> shape);
  }

  private static TrainingTensors make(
      Map<String, List<Long>> shapes, Rules rules, long seed, DeviceSpec device) {
    TrainingTensors tensors = TrainingTensors.open(device);
    shapes.forEach(
        (name, shape) -> {
          if (!WeightNames.isInteger(name)) {
            long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
            float[] numbers = new float[Math.toIntExact(numbers(shape))];
            // java.util.Random is specified down to the bit, so every JVM draws the same.
            rules.of(name, shape).fill(numbers, new Random(seed * 31 + name.hashCode()));
            tensors.put(name, numbers, sizes);
          }
        });
    return tensors;
  }

  private static Rule transformer(String name, VarConfig config) {
    double width = config.width();
    double deviation = Math.sqrt(1 / (3 * width));
    if (name.endsWith(".scale_mul_1H11")) {
      return constant(Math.log(4));
    }
    if (name.endsWith("bias")) {
      return constant(0);
    }
    if (name.endsWith(".ada_gss")) {
      return gatesFirst(1 / Math.sqrt(width));
    }
    if (name.endsWith(".ada_lin.1.weight") && name.startsWith("blocks.")) {
      return gatesFirst(deviation);
    }
    if (name.equals("head.weight")) {
      return normal(0.02 * deviation);
    }
    if (name.equals("head_nm.ada_lin.1.weight")) {
      return normal(0.5 * deviation);
    }
    if (name.endsWith(".attn.proj.weight") || name.endsWith(".ffn.fc2.weight")) {
      return normal(deviation / Math.sqrt(2.0 * config.depth()));
    }
    return normal(deviation);
  }

  /** Uniform within the root of the inputs, which suits SiLU after normalisation. */
  private static Rule convolutional(String name, List<Long> shape) {
    if (name.contains("norm")) {
      return constant(name.endsWith(".weight") ? 1 : 0);
    }
    if (name.endsWith(".bias")) {
      return constant(0);
    }
    double inputs = (double) numbers(shape) / shape.get(0);
    return uniform(1 / Math.sqrt(inputs));
  }

  private static long numbers(List<Long> shape) {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  private static Rule constant(double number) {
    return (numbers, random) -> Arrays.fill(numbers, (float) number);
  }

  private static Rule uniform(double bound) {
    return (numbers, random) -> {
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (float) (bound * (2 * random.nextDouble() - 1));
      }
    };
  }

  private static Rule normal(double deviation) {
    return (numbers, random) -> fillNormal(numbers, 0, numbers.length, deviation, random);
  }

  /** A third of the numbers are two gates, the rest two scales and two shifts. */
  private static Rule gatesFirst(double deviation) {
    return (numbers, random) -> {
      int gates = numbers.length / 3;
      fillNormal(numbers, 0, gates, GATE_GAIN * deviation, random);
      fillNormal(numbers, gates, numbers.length, 0.5 * deviation, random);
    };
  }

  private static void fillNormal(
      float[] numbers, int from, int to, double deviation, Random random) {
    for (int i = from; i < to; i++) {
      double drawn;
      do {
        drawn = random.nextGaussian();
      } while (Math.abs(drawn) > TRUNCATED_AT);
      numbers[i] = (float) (deviation * drawn);
    }
  }
}
