package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.dataset.ShapeImages;
import io.tandem.kernel.TokeniserTrainingKernel;
import io.tandem.kernel.TokeniserTrainingKernel.Images;
import io.tandem.kernel.TokeniserTrainingKernel.Losses;
import io.tandem.kernel.TrainingQuantizer;
import io.tandem.kernel.TrainingState;
import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import io.tandem.model.Precision;
import io.tandem.testing.SingleThread;
import io.tandem.testing.TinyModels;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SingleThread.class)
class TokeniserTrainingTest {

  private static final String CODES = "quantize.embedding.weight";
  private static final int Z = TinyModels.CODE_CHANNELS;

  /** The step after which codes are revived for the first time, from 0. */
  private static final long REVIVAL = 99;

  private static List<Double> code(double[] codebook, int code) {
    return Arrays.stream(codebook, code * Z, (code + 1) * Z).boxed().toList();
  }

  /** Computes the gradients of the pictures of a step anew, with the weights as they are now. */
  private static Losses again(TokeniserTraining task, TrainingState state, long step) {
    Pace pace = TinyRuns.pace(1);
    long[] indexes = pace.examples(new BatchOrder(TinyRuns.images().size(), pace.seed()), step);
    try (TrainingQuantizer geometry =
        TrainingWeights.geometry(TinyModels.SCHEDULE, 4, NumberFormat.FLOAT32, DeviceSpec.CPU)) {
      for (String name : state.weights().names()) {
        float[] numbers = new float[task.state().weights().doubles(name).length];
        task.state().weights().read(name).asFloatBuffer().get(numbers);
        state.weights().replace(name, numbers);
      }
      return TokeniserTrainingKernel.gradients(
          state,
          geometry,
          new Images(
              PixelPlanes.of(TinyRuns.images(), indexes, -1, 1),
              TinyModels.PICTURE_SIDE,
              new long[0]),
          TinyRuns.LOSSES,
          Precision.FP32);
    }
  }

  private static TrainingState scratch() {
    return new TrainingState(TinyModels.tokeniser(1, NumberFormat.FLOAT32));
  }

  /** What the tokens of a step had to stand for, as rows. */
  private static Set<List<Double>> leftOver(TokeniserTraining task, long step) {
    try (TrainingState state = scratch()) {
      float[] floats = again(task, state, step).leftOver();
      double[] rows = new double[floats.length];
      Arrays.setAll(rows, i -> floats[i]);
      Set<List<Double>> all = new HashSet<>();
      for (int row = 0; row < rows.length / Z; row++) {
        all.add(code(rows, row));
      }
      return all;
    }
  }

  @Test
  void codesThatNothingUsesMoveToWhatIsLeftOver() {
    try (TokeniserTraining task = TinyRuns.tokeniser(1000);
        TokeniserTraining twin = TinyRuns.tokeniser(1000)) {
      float[] uses = task.memory().get("uses");
      for (TokeniserTraining each : List.of(task, twin)) {
        // A tenth of the mean is 8,823, and the step at hand adds 120 at most.
        Arrays.fill(each.memory().get("uses"), 100_000);
        each.memory().get("uses")[5] = 0;
        each.memory().get("uses")[17] = 8_000;
        each.memory().get("uses")[20] = 9_500;
      }
      double[] before = task.state().weights().doubles(CODES);
      Set<List<Double>> rows = leftOver(task, REVIVAL);

      for (TokeniserTraining each : List.of(task, twin)) {
        each.gradients(REVIVAL);
        each.finishStep(REVIVAL);
      }

      double[] after = task.state().weights().doubles(CODES);
      for (int code = 0; code < TinyModels.VOCABULARY; code++) {
        if (code == 5 || code == 17) {
          assertThat(code(after, code)).as("code %d", code).isNotEqualTo(code(before, code));
          assertThat(rows).contains(code(after, code));
        } else {
          assertThat(code(after, code)).as("code %d", code).isEqualTo(code(before, code));
        }
      }
      assertThat(uses).containsOnly(0);
      assertThat(twin.state().weights().doubles(CODES)).isEqualTo(after);
    }
  }

  @Test
  void stepsBetweenRevivalsOnlyCount() {
    try (TokeniserTraining task = TinyRuns.tokeniser(1000)) {
      double[] before = task.state().weights().doubles(CODES);

      task.gradients(REVIVAL - 1);
      task.finishStep(REVIVAL - 1);

      assertThat(task.state().weights().doubles(CODES)).isEqualTo(before);
      float total = 0;
      for (float count : task.memory().get("uses")) {
        total += count;
      }
      assertThat(total).isEqualTo(TinyRuns.BATCH * TinyModels.SCHEDULE.totalTokens());
    }
  }

  @Test
  void theLastPartOfARunRevivesNothing() {
    try (TokeniserTraining task = TinyRuns.tokeniser(110)) {
      double[] before = task.state().weights().doubles(CODES);
      task.gradients(REVIVAL);
      task.finishStep(REVIVAL);

      assertThat(task.state().weights().doubles(CODES)).isEqualTo(before);
      assertThat(task.memory().get("uses")).containsOnly(0);
    }
  }

  @Test
  void theFirstStepFillsTheCodebookFromThePictures() {
    try (TokeniserTraining task = TinyRuns.tokeniser(10)) {
      double[] before = task.state().weights().doubles(CODES);

      task.gradients(0);

      double[] after = task.state().weights().doubles(CODES);
      for (int code = 0; code < TinyModels.VOCABULARY; code++) {
        assertThat(code(after, code)).as("code %d", code).isNotEqualTo(code(before, code));
      }
      int used = 0;
      for (float count : task.memory().get("uses")) {
        used += count > 0 ? 1 : 0;
      }
      assertThat(used).isGreaterThan(TinyModels.VOCABULARY / 2);
    }
  }

  /** Filling the codebook computes gradients too, which are no part of the step. */
  @Test
  void theFirstStepHasTheGradientsOfOneStep() {
    try (TokeniserTraining task = TinyRuns.tokeniser(10);
        TrainingState state = scratch()) {
      StepLoss first = task.gradients(0);

      assertThat(again(task, state, 0).loss()).isEqualTo(first.loss());
      for (String name : state.gradients().names()) {
        assertThat(task.state().gradients().doubles(name))
            .as(name)
            .isEqualTo(state.gradients().doubles(name));
      }
    }
  }

  @Test
  void partsOfABatchLearnWhatTheWholeDoes() {
    try (TokeniserTraining whole = TinyRuns.tokeniser(10);
        TokeniserTraining parts = TinyRuns.tokeniser(TinyRuns.inParts(10))) {
      StepLoss expected = whole.gradients(1);
      StepLoss actual = parts.gradients(1);

      assertThat(actual.images()).isEqualTo(expected.images());
      assertThat(actual.loss()).isCloseTo(expected.loss(), within(1e-5));
      expected
          .parts()
          .forEach(
              (name, loss) ->
                  assertThat(actual.parts().get(name)).as(name).isCloseTo(loss, within(1e-5)));
      assertThat(parts.memory().get("uses")).isEqualTo(whole.memory().get("uses"));
      TinyRuns.assertSameGradients(parts, whole);
    }
  }

  @Test
  void learnsToReconstruct() {
    try (TokeniserTraining task = TinyRuns.tokeniser(40)) {
      double first = 0;
      double last = 0;
      for (int step = 0; step < 40; step++) {
        StepLoss loss = task.gradients(step);
        task.optimizer().step(task.state(), 3e-3, task.weightDecay(), step + 1);
        task.finishStep(step);
        first += step < 10 ? loss.parts().get("squared_error") : 0;
        last += step >= 30 ? loss.parts().get("squared_error") : 0;
        assertThat(loss.parts().keySet())
            .containsExactly("squared_error", "absolute_error", "codebook", "commitment");
      }
      assertThat(last).isLessThan(0.6 * first);
    }
  }

  @Test
  void refusesPicturesOfAnotherSide() {
    TokeniserTraining.Settings settings =
        new TokeniserTraining.Settings(
            TinyModels.TOKENISER,
            TinyModels.SCHEDULE,
            TinyRuns.pace(1),
            TinyRuns.LOSSES,
            Precision.FP32);

    assertThatThrownBy(
            () -> new TokeniserTraining(settings, ShapeImages.of(1, 12, 10), DeviceSpec.CPU))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot train a tokeniser on pictures of side 12: its maps of side 4 with 2 levels are"
                + " of pictures of side 8. Change the side, the levels or the scales.");
  }
}
