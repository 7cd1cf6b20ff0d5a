package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureCheckpointTest {

  @ParameterizedTest
  @CsvSource({"10, 64", "2, 8", "1000, 256"})
  void tellsAnyArchitecture(int classes, int features) {
    FeatureConfig config = new FeatureConfig(classes, features);

    assertThat(FeatureCheckpoint.config(source(config))).isEqualTo(config);
  }

  @Test
  void summarisesAFeatureNetwork() {
    CheckpointSummary summary = CheckpointSummary.of(source(FeatureConfig.DEMO));

    assertThat(summary.kind()).isEqualTo(CheckpointKind.FEATURES);
    assertThat(summary.features()).contains(FeatureConfig.DEMO);
    assertThat(summary.transformer()).isEmpty();
    assertThat(summary.tokeniser()).isEmpty();
    assertThat(summary.contents().parameters()).isEqualTo(213_216 + 768 + 650);
    assertThat(summary.findings().isEmpty()).isTrue();
  }

  @Test
  void listsEverythingThatIsWrongInOneError() {
    EditedWeights edited =
        source(FeatureConfig.DEMO)
            .without("features.3.norm.bias")
            .with(TensorSpec.of("features.6.conv.bias", NumberFormat.FLOAT32, 64))
            .with(TensorSpec.of("features.1.conv.weight", NumberFormat.FLOAT32, 32, 32, 1, 1))
            .with(TensorSpec.of("head.bias", NumberFormat.INT64, 10));

    assertThatThrownBy(() -> FeatureCheckpoint.config(edited))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load a feature network from 'x': 4 of its tensors are missing, extra or"
                + " misshapen (it looks like 64 features, 10 classes). Use the complete file of one"
                + " model."
                + "\n  missing: features.3.norm.bias [64]"
                + "\n  extra: features.6.conv.bias [64]"
                + "\n  misshapen: features.1.conv.weight is [32, 32, 1, 1], expected [32, 32, 3, 3]"
                + "\n  misshapen: head.bias has numbers of INT64, expected FLOAT16, BFLOAT16,"
                + " FLOAT32 or FLOAT64");
  }

  @Test
  void refusesFeaturesThatGroupsDoNotDivide() {
    EditedWeights edited = source(FeatureConfig.DEMO);
    for (String leaf : List.of("conv.bias", "norm.weight", "norm.bias")) {
      edited.with(TensorSpec.of("features.5." + leaf, NumberFormat.FLOAT32, 60));
    }

    assertThatThrownBy(() -> FeatureCheckpoint.config(edited))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(
            "\n  misshapen: head.weight tells 60 features, expected a multiple of 8");
    assertThatThrownBy(() -> new FeatureConfig(10, 60))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use a feature network of 60 features (a multiple of 8 is needed)");
    assertThatThrownBy(() -> new FeatureConfig(0, 64))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use a feature network of 0 classes (at least 1)");
  }

  @Test
  void aTransformerIsNoFeatureNetwork() {
    assertThatThrownBy(() -> FeatureCheckpoint.config(RandomWeightsTest.TINY))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load a feature network from 'random:2': it holds a transformer (a feature"
                + " network has tensors such as features.0.conv.weight and head.weight). Use the"
                + " file of a feature network here.");
  }

  private static EditedWeights source(FeatureConfig config) {
    return new EditedWeights(
        "x",
        new RandomWeights(
            new RandomWeights.Recipe("x", config.toString(), 0),
            WeightNames.features(config),
            Map.of(),
            spec -> List.of(new RandomWeights.Run(spec.numbers(), 0, 1))));
  }
}
