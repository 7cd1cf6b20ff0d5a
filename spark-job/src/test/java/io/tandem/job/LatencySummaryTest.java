package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.job.LatencySummary.LeftOut;
import io.tandem.job.LatencySummary.Milliseconds;
import io.tandem.table.BatchLatency;
import io.tandem.table.BatchLatency.Conditions;
import io.tandem.table.BatchLatency.Phase;
import io.tandem.table.BatchLatency.Scale;
import io.tandem.table.BatchLatency.Stages;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatencySummaryTest {

  private static final Conditions ALONE = new Conditions("sync", 1, 2, "cpu", 4);
  private static final Conditions TWO = new Conditions("sync", 2, 2, "cpu", 4);

  @Test
  void takesTheConditionsOfMostBatchesAndNoWarmUp() {
    LatencySummary summary =
        LatencySummary.of(
            batch(ALONE, Phase.WARM_UP, 900),
            batch(ALONE, Phase.WARM_UP, 900),
            batch(ALONE, Phase.WARM_UP, 900),
            batch(TWO, Phase.STEADY, 50),
            batch(ALONE, Phase.STEADY, 1),
            batch(ALONE, Phase.STEADY, 2));

    assertThat(summary.conditions()).contains(ALONE);
    assertThat(summary.batches()).isEqualTo(2);
    assertThat(summary.scales()).hasSize(1);
    // Of one image of four; half of and nineteen twentieths of the way from 0.25 to 0.5 ms.
    assertThat(summary.scales().get(0).time()).isEqualTo(new Milliseconds(0.375, 0.4875));
    assertThat(summary.vae()).isEqualTo(new Milliseconds(0.75, 0.975));
    assertThat(summary.encode()).isEqualTo(new Milliseconds(1.125, 1.4625));
    assertThat(summary.leftOut())
        .containsExactly(new LeftOut(ALONE, Phase.WARM_UP, 3), new LeftOut(TWO, Phase.STEADY, 1));
  }

  @Test
  void aWarmUpAloneIsNotSummedUp() {
    LatencySummary summary = LatencySummary.of(batch(ALONE, Phase.WARM_UP, 1));

    assertThat(summary.conditions()).isEmpty();
    assertThat(summary.scales()).isEmpty();
    assertThat(summary.leftOut()).containsExactly(new LeftOut(ALONE, Phase.WARM_UP, 1));
  }

  private static BatchLatency batch(Conditions conditions, Phase phase, long milliseconds) {
    long nanos = milliseconds * 1_000_000;
    return new BatchLatency(
        conditions,
        phase,
        4,
        0,
        new Stages(6 * nanos, 2 * nanos, 3 * nanos, 6 * nanos),
        List.of(new Scale(1, 1, "big", 0, nanos, 100)));
  }
}
