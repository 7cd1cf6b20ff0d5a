package io.tandem.run;

import static io.tandem.base.Checks.check;

import java.io.Serializable;

/**
 * How many samples a run has.
 *
 * @param planned all of them
 * @param committed those of committed waves, failed ones among them
 * @param failed those of committed waves that failed
 */
public record ImageCounts(long planned, long committed, long failed) implements Serializable {

  public ImageCounts {
    check(
        0 <= failed && failed <= committed && committed <= planned,
        "Cannot count %d failed samples of %d committed ones of %d planned ones (each may be at"
            + " most the next)",
        failed,
        committed,
        planned);
  }
}
