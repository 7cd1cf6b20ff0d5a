package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.dataset.ShapeImages;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.testing.SingleThread;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SingleThread.class)
class FeatureTrainingTest {

  @Test
  void learnsToTellTheClassesApart() {
    Pace pace = new Pace(60, 20, new LearningRate(2e-3, 0, 1), 0, 1);
    FeatureTraining.Settings settings =
        new FeatureTraining.Settings(new FeatureConfig(10, 16), pace);
    try (FeatureTraining task =
        new FeatureTraining(settings, ShapeImages.of(3, 16, 40), DeviceSpec.CPU)) {
      double first = 0;
      double last = 0;
      double right = 0;
      for (int step = 0; step < 60; step++) {
        StepLoss loss = task.gradients(step);
        task.optimizer().step(task.state(), 2e-3, task.weightDecay(), step + 1);
        first += step < 5 ? loss.loss() / 5 : 0;
        last += step >= 55 ? loss.loss() / 5 : 0;
        right += step >= 55 ? loss.parts().get("accuracy") / 5 : 0;
        assertThat(loss.images()).isEqualTo(20);
      }
      assertThat(last).isLessThan(first - 0.8);
      assertThat(right).isGreaterThan(0.7);
    }
  }

  @Test
  void refusesOtherClassesThanThoseOfTheImages() {
    FeatureTraining.Settings settings =
        new FeatureTraining.Settings(new FeatureConfig(4, 16), TinyRuns.pace(1));

    assertThatThrownBy(() -> new FeatureTraining(settings, TinyRuns.images(), DeviceSpec.CPU))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot train a feature network of 4 classes on images of 10 classes");
  }
}
