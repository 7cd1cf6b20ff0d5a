package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.testing.FeatureFiles;
import io.tandem.weights.WeightNames;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FeatureKernelTest {

  private static final FeatureConfig CONFIG = new FeatureConfig(5, 16);
  private static final Map<String, float[]> WEIGHTS = FeatureFiles.weights(CONFIG, 1);

  @Test
  void computesWhatTheNetworkIsDefinedAs() {
    float[] images = images(2, 16);

    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      FeatureKernel.Rows rows = rows(scope, images, 2, 16);

      assertThat(rows.features().shape()).containsExactly(2, 16);
      assertThat(rows.logits().shape()).containsExactly(2, 5);
      for (int i = 0; i < 2; i++) {
        float[] image = Arrays.copyOfRange(images, i * 3 * 256, (i + 1) * 3 * 256);
        double[] features = defined(image, 16);
        // float32 sums of at most 1152 products of numbers around 1
        assertThat(row(rows.features(), i, 16)).containsExactly(features, within(1e-4));
        assertThat(row(rows.logits(), i, 5)).containsExactly(logits(features), within(1e-4));
      }
    }
  }

  @Test
  void givesTheSameBitsInABatchOfAnySize() {
    float[] images = images(9, 64);

    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      FeatureKernel.Rows all = rows(scope, images, 9, 64);
      for (int i = 0; i < 9; i++) {
        float[] image = Arrays.copyOfRange(images, i * 3 * 4096, (i + 1) * 3 * 4096);
        FeatureKernel.Rows one = rows(scope, image, 1, 64);

        assertThat(row(one.features(), 0, 16)).isEqualTo(row(all.features(), i, 16));
        assertThat(row(one.logits(), 0, 5)).isEqualTo(row(all.logits(), i, 5));
      }
    }
  }

  private static FeatureKernel.Rows rows(NativeScope scope, float[] images, int count, int side) {
    try (NativeScope reading = NativeScope.open(DeviceSpec.CPU)) {
      TensorsByName tensors = TensorsByName.in(reading);
      WeightNames.features(CONFIG)
          .forEach(
              (name, shape) -> {
                ByteBuffer numbers =
                    ByteBuffer.allocateDirect(4 * WEIGHTS.get(name).length)
                        .order(ByteOrder.LITTLE_ENDIAN);
                numbers.asFloatBuffer().put(WEIGHTS.get(name));
                tensors.put(name, numbers, NumberFormat.FLOAT32, sizes(shape));
              });
      FeatureWeights weights = FeatureKernel.prepare(scope, tensors);
      return FeatureKernel.rows(scope, weights, scope.floats(images, count, 3, side, side));
    }
  }

  private static double[] row(Tensor rows, int row, int width) {
    float[] numbers = rows.toFloats();
    double[] copy = new double[width];
    Arrays.setAll(copy, i -> numbers[row * width + i]);
    return copy;
  }

  private static long[] sizes(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  private static float[] images(int count, int side) {
    Random random = new Random(2);
    float[] images = new float[count * 3 * side * side];
    for (int i = 0; i < images.length; i++) {
      images[i] = random.nextFloat();
    }
    return images;
  }

  /** The features of one picture, sum by sum. */
  private static double[] defined(float[] image, int pictureSide) {
    int side = pictureSide;
    double[] map = new double[image.length];
    Arrays.setAll(map, i -> 2. * image[i] - 1);
    for (int i = 0; i < CONFIG.convolutions(); i++) {
      map = convolved(map, side, i);
      side = i % 2 == 0 ? side / 2 : side;
      normalise(map, i);
      for (int k = 0; k < map.length; k++) {
        map[k] = map[k] / (1 + Math.exp(-map[k]));
      }
    }
    double[] features = new double[CONFIG.features()];
    int pixels = side * side;
    for (int i = 0; i < map.length; i++) {
      features[i / pixels] += map[i] / pixels;
    }
    return features;
  }

  private static double[] convolved(double[] map, int side, int index) {
    float[] weight = WEIGHTS.get("features." + index + ".conv.weight");
    float[] bias = WEIGHTS.get("features." + index + ".conv.bias");
    int inputs = CONFIG.inputChannels(index);
    int stride = index % 2 == 0 ? 2 : 1;
    int small = side / stride;
    double[] result = new double[CONFIG.outputChannels(index) * small * small];
    for (int at = 0; at < result.length; at++) {
      int channel = at / (small * small);
      double sum = bias[channel];
      for (int k = 0; k < 9 * inputs; k++) {
        int y = at / small % small * stride + k / 3 % 3 - 1;
        int x = at % small * stride + k % 3 - 1;
        if (y >= 0 && y < side && x >= 0 && x < side) {
          sum += map[(k / 9 * side + y) * side + x] * weight[9 * inputs * channel + k];
        }
      }
      result[at] = sum;
    }
    return result;
  }

  private static void normalise(double[] map, int index) {
    float[] weight = WEIGHTS.get("features." + index + ".norm.weight");
    float[] bias = WEIGHTS.get("features." + index + ".norm.bias");
    int size = map.length / 8;
    int pixels = map.length / CONFIG.outputChannels(index);
    for (int from = 0; from < map.length; from += size) {
      double mean = Arrays.stream(map, from, from + size).average().orElseThrow();
      double square =
          Arrays.stream(map, from, from + size).map(v -> (v - mean) * (v - mean)).sum() / size;
      for (int i = from; i < from + size; i++) {
        map[i] = (map[i] - mean) / Math.sqrt(square + 1e-5) * weight[i / pixels] + bias[i / pixels];
      }
    }
  }

  private static double[] logits(double[] features) {
    float[] weight = WEIGHTS.get("head.weight");
    double[] logits = new double[CONFIG.classes()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = WEIGHTS.get("head.bias")[i];
      for (int k = 0; k < features.length; k++) {
        logits[i] += weight[i * features.length + k] * features[k];
      }
    }
    return logits;
  }
}
