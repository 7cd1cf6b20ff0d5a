package io.tandem.transformer;

import static io.tandem.testing.FloatArrays.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.model.AdaLn;
import io.tandem.model.DeviceSpec;
import io.tandem.model.LatentSpace;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.weights.RandomVarWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransformerStateTest {

  private static final ScaleSchedule SCHEDULE = new ScaleSchedule(List.of(1, 2, 3, 5));
  private static final VarConfig CONFIG =
      new VarConfig(3, 128, 2, 10, AdaLn.PER_BLOCK, new LatentSpace(96, 8, SCHEDULE));
  private static final int[] LABELS = {3, 9, 3};
  private static final int LAST = SCHEDULE.scales() - 1;

  /** One pass over several scales sums in another order than scale by scale. */
  private static final double ROUNDING = 1e-4;

  private static VarTransformer model;
  private NativeScope batch;
  private List<Tensor> inputs;

  @BeforeAll
  static void load() {
    model = VarTransformer.load(RandomVarWeights.of(CONFIG, 5), Precision.FP32, DeviceSpec.CPU);
  }

  @AfterAll
  static void unload() {
    model.close();
  }

  @BeforeEach
  void openBatch() {
    batch = NativeScope.open(DeviceSpec.CPU);
    inputs = inputs(batch, LABELS.length);
  }

  @AfterEach
  void closeBatch() {
    batch.close();
  }

  @Test
  void prefillEqualsReplayScaleByScale() {
    for (int entry = 1; entry <= LAST; entry++) {
      TransformerState replayed = begin(Rows.GUIDED);
      float[] expected = null;
      for (int scale = 0; scale <= entry; scale++) {
        expected = step(replayed, scale, Rows.GUIDED, 1.5);
      }

      float[] actual = step(begin(Rows.GUIDED), entry, Rows.GUIDED, 1.5);

      assertClose("logits of scale " + entry, actual, expected, ROUNDING);
    }
  }

  @Test
  void guidanceThatEndsAndBeginsAgainEqualsGuidanceThroughout() {
    TransformerState guided = begin(Rows.GUIDED);
    TransformerState interrupted = begin(Rows.GUIDED);
    step(guided, 0, Rows.GUIDED, 0);
    step(guided, 1, Rows.GUIDED, 0.5);
    step(guided, 2, Rows.GUIDED, 1);

    step(interrupted, 0, Rows.GUIDED, 0);
    step(interrupted, 1, Rows.LABEL_ONLY, 0);
    step(interrupted, 2, Rows.LABEL_ONLY, 0);
    assertThat(interrupted.missed(3, Rows.GUIDED)).isEqualTo(SCHEDULE.offset(3));

    assertClose(
        "logits",
        step(interrupted, 3, Rows.GUIDED, 1.5),
        step(guided, 3, Rows.GUIDED, 1.5),
        ROUNDING);
  }

  @Test
  void cacheBytesFollowTheFormulaAndTheRows() {
    TransformerState state = begin(Rows.GUIDED);
    assertThat(state.cacheBytes()).isZero();

    step(state, 0, Rows.GUIDED, 0);
    long kept = SCHEDULE.offset(LAST); // nobody reads the last scale again
    long guided = 3L * 2 * (2 * LABELS.length) * kept * 128 * 4;
    assertThat(state.cacheBytes()).isEqualTo(guided);

    step(state, 1, Rows.LABEL_ONLY, 0);
    assertThat(state.cacheBytes()).isEqualTo(guided / 2);

    state.close();
    assertThat(state.cacheBytes()).isZero();
  }

  @Test
  void cacheOfAModelThatLeavesEarlyHoldsOnlyTheScalesBeforeItsLast() {
    TransformerState state = model.begin(batch, LABELS, 2, Rows.LABEL_ONLY);
    step(state, 0, Rows.LABEL_ONLY, 0);

    assertThat(state.cacheBytes()).isEqualTo(3L * 2 * LABELS.length * 5 * 128 * 4);
    assertThatThrownBy(() -> step(state, 3, Rows.LABEL_ONLY, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot catch up to scale 3: 1 scales were seen, and the last is 2");
  }

  @Test
  void bfloat16HalvesTheCache() {
    try (VarTransformer half =
        VarTransformer.load(RandomVarWeights.of(CONFIG, 5), Precision.BF16, DeviceSpec.CPU)) {
      TransformerState state = half.begin(batch, LABELS, LAST, Rows.LABEL_ONLY);
      state.prefill(0, inputs, Rows.LABEL_ONLY).step(0, inputs, 0);

      assertThat(state.cacheBytes())
          .isEqualTo(3L * 2 * LABELS.length * SCHEDULE.offset(LAST) * 128 * 2);
    }
  }

  @Test
  void guidanceCombinesTheRowsWithAndWithoutLabel() {
    TransformerState plain = begin(Rows.LABEL_ONLY);
    TransformerState none = model.begin(batch, new int[] {10, 10, 10}, LAST, Rows.LABEL_ONLY);
    TransformerState guided = begin(Rows.GUIDED);
    double strength = 0.7;
    float[] with = null;
    float[] without = null;
    float[] actual = null;
    for (int scale = 0; scale <= LAST; scale++) {
      with = step(plain, scale, Rows.LABEL_ONLY, 0);
      without = step(none, scale, Rows.LABEL_ONLY, 0);
      actual = step(guided, scale, Rows.GUIDED, strength);
    }
    float[] expected = new float[with.length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) ((1 + strength) * with[i] - strength * without[i]);
    }

    assertClose("guided logits", actual, expected, ROUNDING);
  }

  @Test
  void leavesNothingBehind() {
    long before = NativeScope.liveValues();
    try (NativeScope own = NativeScope.open(DeviceSpec.CPU)) {
      TransformerState state = model.begin(own, LABELS, LAST, Rows.GUIDED);
      List<Tensor> maps = inputs(own, LABELS.length);
      state.prefill(2, maps, Rows.GUIDED).step(2, maps, 1).close();
      maps.forEach(Tensor::close);
      state.close();
      assertThat(NativeScope.liveValues()).isEqualTo(before);
    }
  }

  private TransformerState begin(Rows widest) {
    return model.begin(batch, LABELS, LAST, widest);
  }

  private float[] step(TransformerState state, int scale, Rows rows, double strength) {
    return state.prefill(scale, inputs, rows).step(scale, inputs, strength).toFloats();
  }

  private static List<Tensor> inputs(NativeScope scope, int images) {
    Random random = new Random(8);
    List<Tensor> inputs = new ArrayList<>();
    for (int scale = 1; scale < SCHEDULE.scales(); scale++) {
      float[] numbers = new float[images * SCHEDULE.tokens(scale) * 8];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (float) random.nextGaussian();
      }
      inputs.add(scope.floats(numbers, images, SCHEDULE.tokens(scale), 8));
    }
    return inputs;
  }
}
