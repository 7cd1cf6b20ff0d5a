package io.tandem.table;

import io.tandem.train.TrainingRow;
import java.time.Instant;
import java.util.List;

/** Rows of a training run that never was. */
final class TrainingRows {

  private TrainingRows() {}

  /** Returns a row whose numbers all follow from its step. */
  static TrainingRow of(long step) {
    return new TrainingRow(
        step,
        32 * step,
        new TrainingRow.Loss(
            1.0 / step,
            List.of(
                new TrainingRow.Term("reconstruction", 0.5 / step),
                new TrainingRow.Term("codebook", 0.25 / step))),
        new TrainingRow.Update(1e-4 * step, 2.0 * step),
        new TrainingRow.Pace(10.0 + step, 1_000_000_000L * step),
        Instant.EPOCH.plusSeconds(1_800_000_000L + step).plusNanos(123_456_789));
  }
}
