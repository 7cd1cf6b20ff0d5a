package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.dataset.ShapeImages;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.weights.FeatureCheckpoint;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LearnedWeightsTest {

  private final FeatureConfig config = new FeatureConfig(10, 16);
  private final FeatureTraining task =
      new FeatureTraining(
          new FeatureTraining.Settings(config, new Pace(2, 2, new LearningRate(1e-3, 0, 1), 0, 1)),
          ShapeImages.of(1, 8, 20),
          DeviceSpec.CPU);

  @AfterEach
  void close() {
    task.close();
  }

  @Test
  void areThoseOfTheTaskAsTheyAre() {
    LearnedWeights weights = LearnedWeights.of(task, Optional.empty());
    String before = weights.sha256();
    float[] numbers = new float[10];
    Arrays.fill(numbers, 0.25f);

    task.state().weights().replace("head.bias", numbers);

    assertThat(FeatureCheckpoint.config(weights)).isEqualTo(config);
    FloatBuffer read = weights.read("head.bias").asFloatBuffer();
    assertThat(read.remaining()).isEqualTo(10);
    assertThat(read.get(9)).isEqualTo(0.25f);
    assertThat(weights.bytes()).isEqualTo(4 * TrainingCost.of(config, 8, 1).parameters());
    assertThat(weights.sha256()).hasSize(64).isNotEqualTo(before);
    assertThat(weights.origin()).isEqualTo("features in training");
  }

  @Test
  void knowNoOtherNames() {
    LearnedWeights weights = LearnedWeights.of(task, Optional.empty());

    assertThatThrownBy(() -> weights.spec("tail.bias"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No tensor 'tail.bias' in features in training");
  }
}
