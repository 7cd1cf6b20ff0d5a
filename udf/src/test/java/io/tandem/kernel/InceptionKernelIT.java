package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.kernel.InceptionRuns.Numbers;
import io.tandem.model.DeviceSpec;
import io.tandem.testing.FloatArrays;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The network on golden pictures: the numbers that a float64 run of the recipe's weights gave. */
class InceptionKernelIT {

  private static final int FEATURES = InceptionKernel.FEATURES;
  private static final int SPATIAL = InceptionKernel.SPATIAL;
  private static final int CLASSES = InceptionKernel.CLASSES;

  private static NativeScope scope;
  private static Tensor planes;
  private static InceptionWeights weights;
  private static Numbers right;

  @BeforeAll
  static void run() {
    scope = NativeScope.open(DeviceSpec.CPU);
    planes = InceptionRuns.planes(scope, Resize.TENSORFLOW_BILINEAR, Scaling.CENTRED);
    weights = InceptionRuns.prepared(scope, MapLayout.CHANNELS_LAST, InceptionRuns.IMAGES);
    right = InceptionRuns.run(scope, weights, planes);
  }

  @AfterAll
  static void close() {
    scope.close();
  }

  @Test
  void theWeightsAreThoseOfTheRecipe() {
    String first = "Conv2d_1a_3x3.conv.weight";
    assertThat(InceptionRuns.WEIGHTS.number(first, 0)).isEqualTo((float) -0.10386951267719269);
    assertThat(InceptionRuns.WEIGHTS.number(first, 1)).isEqualTo((float) -0.4555763602256775);
    assertThat(InceptionRuns.WEIGHTS.number(first, 2)).isEqualTo((float) 0.3778407871723175);
    assertThat(InceptionRuns.WEIGHTS.number("fc.bias", CLASSES - 1))
        .isEqualTo((float) 0.09002422541379929);
    assertThat(InceptionRuns.WEIGHTS.bytes()).isEqualTo(4 * 23_885_392L);
  }

  @Test
  void computesTheGoldenFeatures() {
    float[] features = right.features();

    assertThat(features).hasSize(2 * FEATURES);
    assertThat((double) features[0]).isCloseTo(10.1061195, relative(10.1061195));
    assertThat(features[1]).isZero();
    assertThat(features[2]).isZero();
    assertThat((double) features[3]).isCloseTo(8.4227954, relative(8.4227954));
    assertThat((double) features[FEATURES]).isCloseTo(10.3003052, relative(10.3003052));
    assertThat(sum(features, 0, FEATURES)).isCloseTo(5966.43312, relative(5966.43312));
    assertThat(sum(features, FEATURES, 2 * FEATURES)).isCloseTo(5929.32468, relative(5929.32468));
    double squares = 0;
    for (float feature : features) {
      squares += (double) feature * feature;
    }
    assertThat(Math.sqrt(squares)).isCloseTo(318.6412123, relative(318.6412123));
  }

  @Test
  void computesTheGoldenTapWithChannelsInnermost() {
    float[] spatial = right.spatial();

    assertThat(spatial).hasSize(2 * SPATIAL);
    assertThat(sum(spatial, 0, SPATIAL)).isCloseTo(3369.56637, relative(3369.56637));
    assertThat(sum(spatial, SPATIAL, 2 * SPATIAL)).isCloseTo(3355.69988, relative(3355.69988));
    float[] first = {1.286141f, 0, 2.048857f, 3.261359f, 0, 1.531023f, 0, 1.596026f, 0};
    for (int i = 0; i < first.length; i++) {
      // 6 decimals were given
      assertThat(spatial[i]).as("%d", i).isCloseTo(first[i], within(1e-5f * first[i] + 5e-7f));
    }
  }

  @Test
  void computesTheGoldenLogits() {
    float[] logits = right.logits();

    assertThat(logits).hasSize(2 * CLASSES);
    assertThat((double) logits[0]).isCloseTo(10.347783, relative(10.347783));
    assertThat((double) logits[1]).isCloseTo(-9.162313, relative(9.162313));
    double biased = logits[0] + InceptionRuns.WEIGHTS.number("fc.bias", 0);
    assertThat(biased).isCloseTo(10.447968, relative(10.447968));
    for (int image = 0; image < 2; image++) {
      float[] row = Arrays.copyOfRange(logits, image * CLASSES, (image + 1) * CLASSES);
      assertThat(largest(row)).isEqualTo(222);
      for (int i = 0; i < CLASSES; i++) {
        row[i] += InceptionRuns.WEIGHTS.number("fc.bias", i);
      }
      assertThat(largest(row)).isEqualTo(222);
    }
  }

  @Test
  void computesTheGoldenLowerFeatures() {
    List<Tensor> lower = InceptionKernel.lowerFeatures(scope, weights, planes);

    double[] golden = {51.311835, 277.645526, 2753.256311};
    int[] channels = {64, 192, 768};
    for (int i = 0; i < 3; i++) {
      float[] means = lower.get(i).toFloats();
      assertThat(means).hasSize(2 * channels[i]);
      assertThat(sum(means, 0, means.length)).isCloseTo(golden[i], relative(golden[i]));
    }
  }

  @Test
  void staysCloseToFloat64() {
    List<double[]> exact = InceptionRuns.exact();

    assertThat(relativeError(right.features(), exact.get(0))).isLessThan(1e-6);
    assertThat(relativeError(right.spatial(), exact.get(1))).isLessThan(3e-6);
    assertThat(relativeError(right.logits(), exact.get(2))).isLessThan(3e-6);
    double sum = Arrays.stream(exact.get(0), 0, FEATURES).sum();
    // pictures are resized in float32 here
    assertThat(sum).isCloseTo(5966.43312, within(2e-3));
  }

  @ParameterizedTest
  @EnumSource(MapLayout.class)
  void everyLayoutGivesTheSameNumbers(MapLayout layout) {
    try (NativeScope own = NativeScope.open(DeviceSpec.CPU)) {
      Numbers numbers = InceptionRuns.run(own, InceptionRuns.prepared(own, layout, 2), planes);

      assertThat(FloatArrays.relativeError(numbers.features(), right.features())).isLessThan(1e-6);
      assertThat(FloatArrays.relativeError(numbers.spatial(), right.spatial())).isLessThan(3e-6);
      assertThat(FloatArrays.relativeError(numbers.logits(), right.logits())).isLessThan(3e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TORCH_BILINEAR, CENTRED, 1.6e-2, 0.127, 5981.0620",
    "TENSORFLOW_BILINEAR, UNIT, 1.2e-3, 5.8e-3, 5969.2019",
    "TORCH_BILINEAR, UNIT, 1.6e-2, 0.127, 5983.0476"
  })
  void preprocessingOfAnotherToolIsToldApart(
      Resize resize, Scaling scaling, double features, double spatial, double sum) {
    Tensor others = InceptionRuns.planes(scope, resize, scaling);

    assertMistake(InceptionRuns.run(scope, weights, others), features, spatial, sum);
  }

  @Test
  void alignedCornersAreToldApart() {
    double[] numbers = new double[2 * 3 * 299 * 299];
    byte[] rgb = PreprocessingKernelTest.goldenPictures();
    for (int i = 0; i < numbers.length; i++) {
      double y = i / 299 % 299 * 39 / 298.;
      double x = i % 299 * 55 / 298.;
      int image = i / (3 * 299 * 299);
      int colour = i / (299 * 299) % 3;
      double value = 0;
      for (int k = 0; k < 4; k++) {
        int row = Math.min((int) y + k / 2, 39);
        int column = Math.min((int) x + k % 2, 55);
        double weight =
            (k / 2 == 0 ? 1 - (y - (int) y) : y - (int) y)
                * (k % 2 == 0 ? 1 - (x - (int) x) : x - (int) x);
        value += weight * Byte.toUnsignedInt(rgb[3 * ((image * 40 + row) * 56 + column) + colour]);
      }
      numbers[i] = (value - 128) / 128;
    }

    Numbers mistaken = InceptionRuns.run(scope, weights, InceptionRuns.planes(scope, numbers));

    assertMistake(mistaken, 1.7e-2, 0.127, 5955.3230);
  }

  @Test
  void countedPaddingIsToldApart() throws Exception {
    Numbers mistaken =
        InceptionRuns.withMistake(
            """
              y = __torch__.inception.product(net, layer, x, "none")
              return torch.relu_(torch.avg_pool2d(y, [3, 3], [1, 1], [1, 1], False, False))
            """,
            """
              return __torch__.inception.conv(net, layer, torch.avg_pool2d(x, [3, 3], [1, 1], [1, 1], False, True))
            """);

    assertMistake(mistaken, 4.0e-2, 9.6e-2, 5814.6184);
  }

  @Test
  void anAveragePoolInTheLastBlockIsToldApart() throws Exception {
    Numbers mistaken =
        InceptionRuns.withMistake(
            "(net, \"Mixed_7c\", \"largest\", x)", "(net, \"Mixed_7c\", \"averaged\", x)");

    assertMistake(mistaken, 0.104, 0, 5810.2829);
  }

  @Test
  void anotherEpsilonIsToldApart() throws Exception {
    assertMistake(InceptionRuns.withMistake("1.e-3", "1.e-5"), 1.7e-2, 1.0e-2, 6070.7694);
  }

  @Test
  void aTapBehindTheWrongBlockIsToldApart() throws Exception {
    Numbers mistaken =
        InceptionRuns.withMistake(
            "return [stem, stem_end, spatial,",
            "return [stem, stem_end, torch.narrow(middle, 1, 0, 7),");

    assertThat(FloatArrays.relativeError(mistaken.spatial(), right.spatial()))
        .isCloseTo(1.08, within(5e-3));
    assertThat(mistaken.features()).isEqualTo(right.features());
  }

  @Test
  void anImagesNumbersDependNeitherOnItsCompanyNorOnItsPlace() {
    try (NativeScope own = NativeScope.open(DeviceSpec.CPU)) {
      InceptionWeights eight = InceptionRuns.prepared(own, MapLayout.CHANNELS_LAST, 8);
      float[] pair = planes.toFloats();
      int numbers = pair.length / 2;
      float[] eleven = new float[11 * numbers];
      for (int i = 0; i < eleven.length; i++) {
        eleven[i] = i % 17 / 9f - 1;
      }
      int[] places = {1, 7, 10};
      for (int place : places) {
        System.arraycopy(pair, numbers, eleven, place * numbers, numbers);
      }

      Numbers alone =
          InceptionRuns.run(
              own,
              eight,
              own.floats(Arrays.copyOfRange(pair, numbers, 2 * numbers), 1, 3, 299, 299));
      Numbers all = InceptionRuns.run(own, eight, own.floats(eleven, 11, 3, 299, 299));

      assertThat(all.features()).hasSize(11 * FEATURES);
      for (int place : places) {
        assertThat(row(all.features(), place, FEATURES)).isEqualTo(alone.features());
        assertThat(row(all.spatial(), place, SPATIAL)).isEqualTo(alone.spatial());
        assertThat(row(all.logits(), place, CLASSES)).isEqualTo(alone.logits());
      }
      assertThat(row(all.features(), 0, FEATURES)).isNotEqualTo(alone.features());
    }
  }

  @Test
  void theNumberOfThreadsChangesNoBit() {
    int threads = LibTorch.threads();
    try {
      LibTorch.useThreads(threads == 1 ? 2 : 1);

      Numbers numbers = InceptionRuns.run(scope, weights, planes);

      assertThat(numbers.features()).isEqualTo(right.features());
      assertThat(numbers.spatial()).isEqualTo(right.spatial());
      assertThat(numbers.logits()).isEqualTo(right.logits());
    } finally {
      LibTorch.useThreads(threads);
    }
  }

  private static void assertMistake(Numbers mistaken, double features, double spatial, double sum) {
    assertThat(FloatArrays.relativeError(mistaken.features(), right.features()))
        .as("change of the features")
        .isCloseTo(features, rounded(features));
    assertThat(FloatArrays.relativeError(mistaken.spatial(), right.spatial()))
        .as("change of the tap")
        .isCloseTo(spatial, rounded(spatial));
    assertThat(sum(mistaken.features(), 0, FEATURES)).isCloseTo(sum, relative(sum));
    assertThat(sum(mistaken.features(), 0, FEATURES))
        .as("tolerance of the right network")
        .isNotCloseTo(5966.43312, relative(5966.43312));
  }

  /** Two significant digits were given, three from 0.1 on. */
  private static Offset<Double> rounded(double value) {
    double digit = Math.pow(10, Math.floor(Math.log10(value)) - (value >= 0.1 ? 2 : 1));
    return value == 0 ? within(0.) : within(0.51 * digit);
  }

  private static Offset<Double> relative(double golden) {
    return within(1e-5 * golden);
  }

  private static double relativeError(float[] actual, double[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(actual[i] - expected[i], 2);
      norm += expected[i] * expected[i];
    }
    return Math.sqrt(difference / norm);
  }

  private static double sum(float[] numbers, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += numbers[i];
    }
    return sum;
  }

  private static int largest(float[] numbers) {
    int largest = 0;
    for (int i = 1; i < numbers.length; i++) {
      largest = numbers[i] > numbers[largest] ? i : largest;
    }
    return largest;
  }

  private static float[] row(float[] rows, int row, int width) {
    return Arrays.copyOfRange(rows, row * width, (row + 1) * width);
  }
}
