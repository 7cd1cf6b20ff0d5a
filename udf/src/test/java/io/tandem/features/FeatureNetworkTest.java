package io.tandem.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.image.RgbImage;
import io.tandem.kernel.LibTorch;
import io.tandem.kernel.NativeScope;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.model.VqConfig;
import io.tandem.testing.FeatureFiles;
import io.tandem.weights.RandomVqWeights;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureNetworkTest {

  private static final FeatureConfig CONFIG = FeatureConfig.DEMO;

  @TempDir private Path folder;

  @Test
  void aPicturesRowHasTheSameBitsInAnyCompanyAndForAnyNumberOfThreads() {
    List<RgbImage> pictures = pictures(35, 64);
    int threads = LibTorch.threads();

    try (FeatureNetwork network = network(NumberFormat.FLOAT32)) {
      LibTorch.useThreads(2);
      FeatureRows all = network.rows(pictures);
      LibTorch.useThreads(1);

      assertThat(all.count()).isEqualTo(35);
      for (int i = 0; i < 35; i += 17) {
        FeatureRows one = network.rows(List.of(pictures.get(i)));
        assertThat(one.features(0)).hasSize(64).isEqualTo(all.features(i));
        assertThat(one.logProbabilities(0)).hasSize(10).isEqualTo(all.logProbabilities(i));
      }
      assertThat(all.features(0)).isNotEqualTo(all.features(1));
    } finally {
      LibTorch.useThreads(threads);
    }
  }

  @Test
  void takesWeightsOfAnyFloatFormat() {
    List<RgbImage> pictures = pictures(2, 16);

    try (FeatureNetwork wide = network(NumberFormat.FLOAT32);
        FeatureNetwork narrow = network(NumberFormat.BFLOAT16)) {
      assertThat(narrow.config()).isEqualTo(CONFIG);
      assertThat(narrow.rows(pictures).features(1)).isEqualTo(wide.rows(pictures).features(1));
    }
  }

  @Test
  void probabilitiesAreThoseOfTheLogits() {
    FeatureRows rows =
        FeatureRows.of(new float[2][1], new float[][] {{0, (float) Math.log(3)}, {1000, -1000}});

    assertThat(rows.probabilities(0)).containsExactly(new double[] {0.25, 0.75}, within(1e-7));
    assertThat(rows.likeliestClass(0)).isEqualTo(1);
    assertThat(rows.probabilities(1)).containsExactly(1, 0);
    assertThat(rows.logProbabilities(1)).containsExactly(0, -2000);
    assertThat(rows.likeliestClass(1)).isZero();
  }

  @Test
  void leavesNoNativeValueBehind() {
    try (FeatureNetwork network = network(NumberFormat.FLOAT32)) {
      List<RgbImage> pictures = pictures(40, 8);
      long before = NativeScope.liveValues();
      network.rows(pictures);

      assertThat(NativeScope.liveValues()).isEqualTo(before);
    }
  }

  @Test
  void givesNoRowsForNoPictures() {
    try (FeatureNetwork network = network(NumberFormat.FLOAT32)) {
      assertThat(network.rows(List.of()).count()).isZero();
    }
  }

  @Test
  void rejectsPicturesThatDoNotFit() {
    try (FeatureNetwork network = network(NumberFormat.FLOAT32)) {
      assertThatThrownBy(() -> network.rows(List.of(picture(16, 16), picture(16, 24))))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot compute features of picture 2: it has 16 x 24 pixels (square, of a side that"
                  + " is a multiple of 8)");
      assertThatThrownBy(() -> network.rows(List.of(picture(20, 20))))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot compute features of picture 1: it has 20 x 20 pixels (square, of a side that"
                  + " is a multiple of 8)");
      assertThatThrownBy(() -> network.rows(List.of(picture(16, 16), picture(24, 24))))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot compute features of picture 2: it has 24 x 24 pixels, the first one 16 x 16"
                  + " pixels (all of one size)");
    }
  }

  @Test
  void rejectsAnotherNetwork() {
    WeightSource tokeniser = RandomVqWeights.of(new VqConfig(32, List.of(1, 2), 1, 128, 32, 4), 1);

    assertThatThrownBy(() -> FeatureNetwork.load(tokeniser, DeviceSpec.CPU))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load a feature network from 'random': it holds a tokeniser (a feature network"
                + " has tensors such as features.0.conv.weight and head.weight). Use the file of a"
                + " feature network here.");
  }

  private FeatureNetwork network(NumberFormat format) {
    Path file = folder.resolve(format + ".safetensors");
    Map<String, float[]> weights = FeatureFiles.weights(CONFIG, 1);
    FeatureFiles.write(file, CONFIG, weights, format);
    try (WeightSource source = WeightFiles.open(file.toString())) {
      return FeatureNetwork.load(source, DeviceSpec.CPU);
    }
  }

  private static List<RgbImage> pictures(int count, int side) {
    Random random = new Random(3);
    List<RgbImage> pictures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] rgb = new byte[3 * side * side];
      random.nextBytes(rgb);
      Arrays.fill(rgb, 0, rgb.length / (i + 1), (byte) (7 * i));
      pictures.add(RgbImage.of(side, side, rgb));
    }
    return pictures;
  }

  private static RgbImage picture(int width, int height) {
    return RgbImage.of(width, height, new byte[3 * width * height]);
  }
}
