package io.tandem.job;

import io.tandem.run.ImageCounts;
import io.tandem.table.CheckedTables;
import java.util.List;

/**
 * What a run is found to be.
 *
 * @param runId name of the run
 * @param images how many are planned, committed and failed
 * @param unrecorded waves without a record
 * @param tables what all files hold
 * @param regenerated samples that were made again
 */
public record VerifyResult(
    String runId,
    ImageCounts images,
    List<Integer> unrecorded,
    CheckedTables tables,
    Regenerated regenerated) {

  public VerifyResult {
    unrecorded = List.copyOf(unrecorded);
  }

  /**
   * Samples that were made again.
   *
   * @param samples how many, in whole batches
   * @param different those that came out otherwise
   * @param unreadable how many of those chosen were not made, since what was stored of them cannot
   *     be read
   * @param notComparable why none were made; empty if they were
   */
  public record Regenerated(
      long samples, List<Long> different, long unreadable, String notComparable) {

    public Regenerated {
      different = List.copyOf(different);
    }

    static Regenerated none(String why) {
      return new Regenerated(0, List.of(), 0, why);
    }
  }

  /** Returns whether everything is as it should be, as far as it could be told. */
  public boolean isGood() {
    return unrecorded.isEmpty() && tables.total() == 0 && regenerated.different.isEmpty();
  }
}
