package io.tandem.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.model.VarConfig;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.plan.ScaleSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlanWorkTest {

  private static final int SCALES = 10;
  private static final VarConfig BIG = VarConfig.ofDepth(16);
  private static final VarConfig SMALL = VarConfig.ofDepth(8);
  private static final Map<String, VarConfig> MODELS = Map.of("big", BIG, "small", SMALL);

  @Test
  void addsUpDraftPrefillAndRefinement() {
    PlanWork work =
        new PlanWork(
            DecodePlan.collaborative("big", "small", 8, SCALES),
            GuidanceSchedule.everywhere(1.5, SCALES),
            MODELS);

    // from an independent count of the same algorithm, as in WorkCountTest
    assertThat(work.transformers(4)).isEqualTo(4.0 * (215_410_147_328L + 78_658_494_464L));
    assertThat(work.prefill(7, 4)).isZero();
    assertThat(work.prefill(8, 4)).isEqualTo(WorkCount.prefill(SMALL, 0, 8, 8));
    assertThat(work.decode(0, 4)).isEqualTo(WorkCount.step(BIG, 0, 8) + WorkCount.adaLn(BIG, 8));
    assertThat(work.decode(9, 4)).isEqualTo(WorkCount.step(SMALL, 9, 8));
  }

  @Test
  void countsOneRowPerImageWithoutGuidance() {
    DecodePlan plan = DecodePlan.single("big", SCALES);
    PlanWork guided = new PlanWork(plan, GuidanceSchedule.everywhere(1.5, SCALES), MODELS);
    PlanWork plain = new PlanWork(plan, GuidanceSchedule.off(SCALES), MODELS);

    assertThat(guided.transformers(1)).isEqualTo(2 * plain.transformers(1));
  }

  @Test
  void unconditionalRowsThatComeBackCatchUpOnAllScales() {
    ScaleSet guided = new ScaleSet(SCALES, List.of(1, 2, 6, 7));
    PlanWork work =
        new PlanWork(DecodePlan.single("big", SCALES), new GuidanceSchedule(1.5, guided), MODELS);

    assertThat(work.prefill(6, 2)).isEqualTo(WorkCount.prefill(BIG, 0, 6, 2));
    assertThat(work.prefill(7, 2)).isZero();
    assertThat(work.decode(3, 2)).isEqualTo(WorkCount.step(BIG, 3, 2));
    assertThat(work.decode(6, 2)).isEqualTo(WorkCount.step(BIG, 6, 4));
  }

  @Test
  void wantsTheArchitectureOfEachModelOfThePlan() {
    PlanWork work =
        new PlanWork(
            DecodePlan.single("other", SCALES), GuidanceSchedule.off(SCALES), Map.of("big", BIG));

    assertThatThrownBy(() -> work.transformers(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No architecture of 'other' among [big]");
  }
}
