package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.model.AdaLn;
import io.tandem.model.LatentSpace;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.train.Objective.Curriculum;
import io.tandem.train.Objective.Weighting;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingCostTest {

  private static final ScaleSchedule SCHEDULE = new ScaleSchedule(List.of(1, 2, 4));
  private static final VarConfig CONFIG =
      new VarConfig(2, 64, 2, 10, AdaLn.SHARED, new LatentSpace(32, 8, SCHEDULE));
  private static final Pace PACE = new Pace(10, 4, new LearningRate(1e-3, 0, 1), 0, 0);

  /**
   * Per block 12ww + 6w products, 2w biases of query and value, 6w of AdaLN, 2 attention scales;
   * shared AdaLN 6ww + 6w; start, 21 positions, 3 levels, 11 classes and 9 rows of the word
   * embedding; head 2ww + 2w and 32 (w + 1).
   */
  @Test
  void countsParameters() {
    long w = 64;
    long expected =
        2 * (12 * w * w + 14 * w + 2)
            + 6 * w * w
            + 6 * w
            + (1 + 21 + 3 + 11 + 9) * w
            + 2 * w * w
            + 2 * w
            + 32 * (w + 1);

    TrainingCost cost = TrainingCost.of(CONFIG, Objective.all(3), PACE, Precision.FP32);

    assertThat(cost.parameters()).isEqualTo(expected);
    assertThat(cost.stateBytes()).isEqualTo(16 * expected);
    assertThat(cost.tokens()).isEqualTo(4 * 21);
    assertThat(cost.totalBytes()).isEqualTo(cost.stateBytes() + cost.activationBytes());
  }

  /** 2 blocks of 21 w (7 * 4 + 19 * 4) bytes, 2 * 2 scores of 1 + 4 * 5 + 16 * 21; logits. */
  @Test
  void countsActivations() {
    long perImage = 2 * (21 * 64 * 104 + 2 * 2 * (1 + 20 + 336) * 4) + 21 * 32 * 3 * 4;

    assertThat(TrainingCost.of(CONFIG, Objective.all(3), PACE, Precision.FP32).activationBytes())
        .isEqualTo(4 * perImage);
  }

  @Test
  void needsLessInParts() {
    Pace parts = new Pace(10, 4, PACE.learningRate(), 0, 0, 3);

    TrainingCost whole = TrainingCost.of(CONFIG, Objective.all(3), PACE, Precision.FP32);
    TrainingCost part = TrainingCost.of(CONFIG, Objective.all(3), parts, Precision.FP32);

    assertThat(part.activationBytes() / 3).isEqualTo(whole.activationBytes() / 4);
    assertThat(part.tokens()).isEqualTo(whole.tokens());
  }

  @Test
  void takesTheLargestStepOfACurriculum() {
    Objective objective = new Objective(0, 3, Weighting.EVEN, new Curriculum(4, 2, 100));

    TrainingCost cost = TrainingCost.of(CONFIG, objective, PACE, Precision.FP32);

    assertThat(cost.batch()).isEqualTo(100);
    assertThat(cost.tokens()).isEqualTo(100 * 5);
  }

  @Test
  void addsTheTeacher() {
    TrainingCost alone = TrainingCost.of(CONFIG, Objective.all(3), PACE, Precision.FP32);

    TrainingCost taught = alone.with(CONFIG, Objective.all(3));

    assertThat(taught.stateBytes() - alone.stateBytes()).isEqualTo(4 * alone.parameters());
    assertThat(taught.activationBytes()).isGreaterThan(alone.activationBytes());
  }

  @Test
  void refusesWhatDoesNotFit() {
    VqConfig config = new VqConfig(32, List.of(1, 1), 1, 16, 4, 3);
    TrainingCost cost = TrainingCost.of(config, SCHEDULE, PACE, Precision.FP32);

    cost.checkFits(cost.totalBytes());
    assertThatThrownBy(() -> cost.checkFits(cost.totalBytes() - 1))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot train on 4 images at once: that needs about %,d bytes (weights, gradients and"
                + " moments %,d, activations %,d), but there are %,d. Pass a smaller --batch-size or"
                + " --at-once, or train a smaller model.",
            cost.totalBytes(), cost.stateBytes(), cost.activationBytes(), cost.totalBytes() - 1);
  }
}
