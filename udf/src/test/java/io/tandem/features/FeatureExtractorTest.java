package io.tandem.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.image.RgbImage;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.model.VqConfig;
import io.tandem.testing.FeatureFiles;
import io.tandem.testing.SingleThread;
import io.tandem.weights.RandomVqWeights;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightSource;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SingleThread.class)
class FeatureExtractorTest {

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() {
    file = folder.resolve("features.safetensors");
    FeatureFiles.write(
        file,
        FeatureConfig.DEMO,
        FeatureFiles.weights(FeatureConfig.DEMO, 1),
        NumberFormat.FLOAT32);
  }

  @Test
  void loadsTheDemosNetwork() {
    try (WeightSource source = WeightFiles.open(file.toString());
        FeatureExtractor network = FeatureExtractor.load(source, Profile.DEMO, DeviceSpec.CPU)) {
      assertThat(network.identity())
          .isEqualTo(
              new FeatureIdentity("the demo's feature network", source.sha256(), Profile.DEMO, 64));
      assertThat(network.dimension()).isEqualTo(64);
      assertThat(network.classes()).isEqualTo(10);
      assertThat(network.spatialDimension()).isZero();

      FeatureRows rows = network.rows(List.of(RgbImage.of(16, 16, new byte[3 * 256])));

      assertThat(rows.features(0)).hasSize(64);
      assertThat(rows.logits(0)).hasSize(10);
      assertThat(rows.spatial(0)).isEmpty();
    }
  }

  @Test
  void rejectsAProfileOfAnotherNetwork() {
    try (WeightSource source = WeightFiles.open(file.toString())) {
      assertThatThrownBy(() -> FeatureExtractor.load(source, Profile.ADM, DeviceSpec.CPU))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot compute features by profile 'adm' with '%s': it holds the demo's feature"
                  + " network (for profile demo). Pass another --profile or other weights.",
              file);
    }
  }

  @Test
  void rejectsWhatIsNoFeatureNetwork() {
    WeightSource tokeniser = RandomVqWeights.of(new VqConfig(32, List.of(1, 2), 1, 128, 32, 4), 1);

    assertThatThrownBy(() -> FeatureExtractor.load(tokeniser, Profile.ADM, DeviceSpec.CPU))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load an Inception network from 'random': it holds a tokeniser (an Inception"
                + " network has tensors such as Mixed_5b.branch1x1.conv.weight and fc.weight, or"
                + " layers.mixed.conv.weight and output.weight). Use the file of an Inception"
                + " network here.");
    assertThatThrownBy(() -> FeatureExtractor.load(tokeniser, Profile.DEMO, DeviceSpec.CPU))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "Cannot load a feature network from 'random': it holds a tokeniser");
  }

  @Test
  void identitiesAreShownShort() {
    FeatureIdentity identity =
        new FeatureIdentity("Some network", "0123456789abcdef", Profile.ADM, 8);

    assertThat(identity)
        .hasToString("Some network (profile adm, 8 features, weights 0123456789ab)");
  }
}
