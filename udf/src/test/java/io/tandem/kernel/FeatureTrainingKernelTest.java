package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.kernel.FeatureTrainingKernel.Losses;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.testing.FeatureFiles;
import io.tandem.testing.FiniteDifferences;
import io.tandem.testing.SingleThread;
import io.tandem.weights.WeightNames;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SingleThread.class)
class FeatureTrainingKernelTest {

  private static final FeatureConfig CONFIG = new FeatureConfig(5, 16);
  private static final Map<String, float[]> WEIGHTS = FeatureFiles.weights(CONFIG, 1);
  private static final int SIDE = 8;
  private static final long[] LABELS = {4, 0, 2};

  private static float[] pixels() {
    Random random = new Random(2);
    float[] pixels = new float[LABELS.length * 3 * SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    return pixels;
  }

  private static TrainingTensors weights(NumberFormat format) {
    TrainingTensors weights = TrainingTensors.open(DeviceSpec.CPU);
    WeightNames.features(CONFIG)
        .forEach(
            (name, shape) -> {
              float[] floats = WEIGHTS.get(name);
              double[] numbers = new double[floats.length];
              Arrays.setAll(numbers, i -> floats[i]);
              weights.put(
                  format, name, numbers, shape.stream().mapToLong(Long::longValue).toArray());
            });
    return weights;
  }

  private static Losses run(TrainingState state) {
    return FeatureTrainingKernel.gradients(state, pixels(), SIDE, LABELS);
  }

  @Test
  void gradientsAgreeWithDifferences() {
    try (TrainingState state = new TrainingState(weights(NumberFormat.FLOAT64))) {
      run(state);

      FiniteDifferences differences =
          FiniteDifferences.of(
              state.weights(),
              state.gradients(),
              moved -> {
                try (TrainingState there = new TrainingState(moved)) {
                  return run(there).loss();
                }
              });
      differences.agreeAlongRandomDirections(name -> true);
      differences.agreeInEachTensor(name -> true);
    }
  }

  @Test
  void lossAndHitsAreThoseOfTheLogitsWithoutAutograd() {
    try (TrainingState state = new TrainingState(weights(NumberFormat.FLOAT32));
        NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      Losses losses = run(state);

      float[] logits = logits(scope);
      double sum = 0;
      int right = 0;
      for (int image = 0; image < LABELS.length; image++) {
        double exponentials = 0;
        int best = 0;
        for (int k = 0; k < 5; k++) {
          exponentials += Math.exp(logits[5 * image + k]);
          best = logits[5 * image + k] > logits[5 * image + best] ? k : best;
        }
        sum += Math.log(exponentials) - logits[5 * image + (int) LABELS[image]];
        right += best == LABELS[image] ? 1 : 0;
      }
      // float32 logits about 1
      assertThat(losses.loss()).isCloseTo(sum / LABELS.length, within(1e-5));
      assertThat(losses.right()).isEqualTo(right);
    }
  }

  private static float[] logits(NativeScope scope) {
    TensorsByName tensors = TensorsByName.in(scope);
    WeightNames.features(CONFIG)
        .forEach(
            (name, shape) -> {
              ByteBuffer numbers =
                  ByteBuffer.allocateDirect(4 * WEIGHTS.get(name).length)
                      .order(ByteOrder.LITTLE_ENDIAN);
              numbers.asFloatBuffer().put(WEIGHTS.get(name));
              tensors.put(
                  name,
                  numbers,
                  NumberFormat.FLOAT32,
                  shape.stream().mapToLong(Long::longValue).toArray());
            });
    return FeatureKernel.rows(
            scope,
            FeatureKernel.prepare(scope, tensors),
            scope.floats(pixels(), LABELS.length, 3, SIDE, SIDE))
        .logits()
        .toFloats();
  }

  @Test
  void equalStepsGiveEqualGradientsThatAddUp() {
    try (TrainingState once = new TrainingState(weights(NumberFormat.FLOAT32));
        TrainingState twice = new TrainingState(weights(NumberFormat.FLOAT32))) {
      Losses first = run(once);
      Losses second = run(twice);
      run(twice);

      assertThat(second).isEqualTo(first);
      for (String name : once.gradients().names()) {
        double[] doubled = Arrays.stream(once.gradients().doubles(name)).map(g -> 2 * g).toArray();
        assertThat(twice.gradients().doubles(name)).as(name).isEqualTo(doubled);
      }
    }
  }
}
