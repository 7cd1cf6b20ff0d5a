package io.tandem.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.image.RgbImage;
import io.tandem.kernel.NativeScope;
import io.tandem.model.DeviceSpec;
import io.tandem.testing.FloatArrays;
import io.tandem.testing.SyntheticInception;
import io.tandem.weights.WeightSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class InceptionNetworkIT {

  private static final WeightSource WEIGHTS = SyntheticInception.ofTheRecipe();

  private static FeatureExtractor network;

  @BeforeAll
  static void load() {
    network = FeatureExtractor.load(WEIGHTS, Profile.ADM, DeviceSpec.CPU);
  }

  @AfterAll
  static void close() {
    network.close();
  }

  @Test
  void isKnownByItsWeightsAndProfile() {
    FeatureIdentity identity = network.identity();

    assertThat(identity.network()).isEqualTo("Inception v3 of 2015-12-05");
    assertThat(identity.profile()).isEqualTo(Profile.ADM);
    assertThat(identity.weightsSha256()).matches("[0-9a-f]{64}");
    assertThat(network.dimension()).isEqualTo(2048);
    assertThat(network.spatialDimension()).isEqualTo(2023);
    assertThat(network.classes()).isEqualTo(1008);
    assertThat(network.batchSize()).isEqualTo(8);
  }

  @Test
  void aPicturesRowHasTheSameBitsInAnyCompany() {
    List<RgbImage> pictures = pictures(10, 64);

    FeatureRows all = network.rows(pictures);
    FeatureRows two = network.rows(List.of(pictures.get(9), pictures.get(3)));

    assertThat(all.count()).isEqualTo(10);
    for (int i = 0; i < 2; i++) {
      int place = i == 0 ? 9 : 3;
      assertThat(two.features(i)).hasSize(2048).isEqualTo(all.features(place));
      assertThat(two.spatial(i)).hasSize(2023).isEqualTo(all.spatial(place));
      assertThat(two.logits(i)).hasSize(1008).isEqualTo(all.logits(place));
    }
    assertThat(all.features(0)).isNotEqualTo(all.features(1));
    assertThat(Arrays.stream(all.probabilities(4)).sum()).isCloseTo(1, within(1e-12));
  }

  @Test
  void profilesAreToldApart() {
    List<RgbImage> pictures = pictures(2, 64).subList(1, 2);
    float[] adm = network.rows(pictures).features(0);

    for (Profile profile : Profile.values()) {
      if (profile.resize().isEmpty() || profile == Profile.ADM) {
        continue;
      }
      try (FeatureExtractor other = FeatureExtractor.load(WEIGHTS, profile, DeviceSpec.CPU)) {
        double change = FloatArrays.relativeError(other.rows(pictures).features(0), adm);

        if (profile.resize().equals(Profile.ADM.resize())) {
          assertThat(change).as("%s", profile).isZero();
        } else {
          assertThat(change).as("%s", profile).isBetween(1e-3, 0.1);
        }
        assertThat(other.identity()).isNotEqualTo(network.identity());
        assertThat(other.identity().weightsSha256()).isEqualTo(network.identity().weightsSha256());
      }
    }
  }

  @Test
  void leavesNoNativeValueBehind() {
    long before = NativeScope.liveValues();
    network.rows(pictures(1, 20));

    assertThat(NativeScope.liveValues()).isEqualTo(before);
  }

  @Test
  void givesNoRowsForNoPictures() {
    assertThat(network.rows(List.of()).count()).isZero();
  }

  @Test
  void rejectsPicturesThatDoNotFit() {
    assertThatThrownBy(() -> network.rows(List.of(picture(16, 16), picture(16, 24))))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot compute features of picture 2: it has 16 x 24 pixels (square: others would be"
                + " squashed). Crop the pictures first.");
    assertThatThrownBy(() -> network.rows(List.of(picture(16, 16), picture(24, 24))))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot compute features of picture 2: it has 24 x 24 pixels, the first one 16 x 16"
                + " pixels (all of one size)");
  }

  @Test
  void rejectsTheDemosProfile() {
    assertThatThrownBy(() -> FeatureExtractor.load(WEIGHTS, Profile.DEMO, DeviceSpec.CPU))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot compute features by profile 'demo' with 'synthetic': it holds an Inception"
                + " network (for profile adm and all others but demo). Pass another --profile or other weights.");
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
