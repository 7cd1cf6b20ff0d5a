package io.tandem.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.testing.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingConfigTest {

  @Test
  void hasTheSettingOfFineTunedCollaborativeDecoding() {
    SamplingConfig config = SamplingConfig.collaborativeFineTuned(10);

    assertThat(config.topK()).hasSize(10).containsOnly(600);
    assertThat(config.topP()).hasSize(10).containsOnly(0.96);
    assertThat(config.temperature())
        .containsExactly(1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.0, 1.0, 1.0);
    assertThat(config.selection()).isEqualTo(Selection.GUMBEL);
    assertThat(config.scales()).isEqualTo(10);
  }

  @Test
  void keepsTheShareOfWarmScalesForOtherSchedules() {
    assertThat(SamplingConfig.collaborativeFineTuned(4).temperature())
        .containsExactly(1.1, 1.1, 1.0, 1.0);
    assertThat(SamplingConfig.collaborativeFineTuned(1).temperature()).containsExactly(1.0);
    assertThat(SamplingConfig.collaborativeFineTuned(14).temperature().subList(8, 10))
        .containsExactly(1.1, 1.0);
  }

  @Test
  void hasTheSettingOfPlainVar() {
    assertThat(SamplingConfig.plain(3))
        .isEqualTo(
            new SamplingConfig(
                List.of(900, 900, 900),
                List.of(0.96, 0.96, 0.96),
                List.of(1.0, 1.0, 1.0),
                Selection.GUMBEL));
  }

  @Test
  void turnsGreedy() {
    SamplingConfig config = SamplingConfig.plain(3).with(Selection.GREEDY);

    assertThat(config.selection()).isEqualTo(Selection.GREEDY);
    assertThat(config.topK()).containsExactly(900, 900, 900);
    assertThat(SamplingConfig.greedy(3).selection()).isEqualTo(Selection.GREEDY);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-9, 0.96, 1})
  void takesTopPFromZeroToOne(double topP) {
    assertThat(SamplingConfig.uniform(0, topP, 1, 2).topP()).containsOnly(topP);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.0001, 96, Double.NaN})
  void rejectsTopPThatIsNotAProbability(double topP) {
    assertThatThrownBy(() -> SamplingConfig.uniform(600, topP, 1, 10))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot sample with top-p "
                + topP
                + " at scale 1: it is not a probability (0 to 1; 0 and 1 keep every token)");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void rejectsTemperaturesThatAreNotAboveZero(double temperature) {
    List<Double> temperatures = List.of(1.0, 1.0, temperature);

    assertThatThrownBy(
            () ->
                new SamplingConfig(
                    List.of(0, 0, 0), List.of(0.0, 0.0, 0.0), temperatures, Selection.GUMBEL))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot sample with temperature "
                + temperature
                + " at scale 3: it is not a number above 0 (1 leaves the logits as they are)."
                + " Pass --greedy to take the most likely tokens.");
  }

  @Test
  void rejectsTopKBelowZero() {
    assertThatThrownBy(() -> SamplingConfig.uniform(-1, 0.96, 1, 10))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot sample with top-k -1 at scale 1: it is below 0 (0 keeps every token)");
  }

  @Test
  void rejectsListsOfDifferentLengths() {
    assertThatThrownBy(
            () ->
                new SamplingConfig(
                    List.of(600, 600), List.of(0.96), List.of(1.0, 1.0), Selection.GUMBEL))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot sample with 2 values of top-k, 1 of top-p and 2 of temperature (each scale"
                + " needs one of each)");
  }

  @Test
  void rejectsImagesOfAnotherNumberOfScales() {
    SamplingConfig config = SamplingConfig.plain(10);

    assertThatCode(() -> config.checkScales(10)).doesNotThrowAnyException();
    assertThatThrownBy(() -> config.checkScales(4))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot sample an image of 4 scales: the sampling settings are for 10 (one value per"
                + " scale)");
  }

  @Test
  void survivesSerialization() {
    SamplingConfig config = SamplingConfig.collaborativeFineTuned(10);

    assertThat(Serialization.roundTrip(config)).isEqualTo(config);
  }
}
