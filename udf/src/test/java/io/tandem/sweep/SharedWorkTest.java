package io.tandem.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.generate.DecodeConfig;
import io.tandem.generate.DecodeTree;
import io.tandem.image.PixelRounding;
import io.tandem.metrics.PlanWork;
import io.tandem.metrics.WorkCount;
import io.tandem.model.VarConfig;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.sample.SamplingConfig;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharedWorkTest {

  private static final VarConfig D30 = VarConfig.ofDepth(30);
  private static final VarConfig D16 = VarConfig.ofDepth(16);
  private static final Map<String, VarConfig> MODELS = Map.of("big", D30, "small", D16);

  @Test
  void draftsAndPrefixesCountOnce() {
    List<SharedWork.Point> points = IntStream.of(6, 7, 8, 9).mapToObj(n -> code(n)).toList();

    SharedWork work = SharedWork.of(points);

    double shared = WorkCount.adaLn(D30, 2) + WorkCount.adaLn(D16, 2);
    for (int scale = 0; scale < 9; scale++) {
      shared += WorkCount.step(D30, scale, 2);
    }
    shared += WorkCount.prefill(D16, 0, 9, 2);
    for (int n : new int[] {6, 7, 8, 9}) {
      for (int scale = n; scale < 10; scale++) {
        shared += WorkCount.step(D16, scale, 2);
      }
    }
    assertThat(work.shared()).isCloseTo(shared, within(1.0));
    double separate =
        IntStream.of(6, 7, 8, 9)
            .mapToDouble(
                n ->
                    new PlanWork(
                            DecodePlan.collaborative("big", "small", n, 10),
                            GuidanceSchedule.everywhere(1.5, 10),
                            MODELS)
                        .transformers(1))
            .sum();
    assertThat(work.separate()).isCloseTo(separate, within(1.0));
    // half of what four drafters do is saved, and a part of the prefills
    assertThat(work.ratio()).isBetween(0.57, 0.59);
  }

  @Test
  void aPointAloneSharesNothing() {
    assertThat(SharedWork.of(List.of(code(8))).ratio()).isEqualTo(1);
  }

  @Test
  void pointsThatDifferFromTheFirstScaleShareNothing() {
    SharedWork work =
        SharedWork.of(List.of(code(8), point(DecodePlan.collaborative("small", "big", 8, 10))));

    // but the scales that both models catch up on are those of other tokens
    assertThat(work.ratio()).isCloseTo(1, within(0.02));
  }

  private static SharedWork.Point code(int n) {
    return point(DecodePlan.collaborative("big", "small", n, 10));
  }

  private static SharedWork.Point point(DecodePlan plan) {
    DecodeConfig config =
        new DecodeConfig(
            plan,
            GuidanceSchedule.everywhere(1.5, 10),
            SamplingConfig.plain(10),
            PixelRounding.NEAREST);
    return new SharedWork.Point(
        new DecodeTree.Branch(config, Map.of("big", "digest-30", "small", "digest-16")), MODELS);
  }
}
