package io.tandem.run;

import static io.tandem.base.Checks.check;

import java.io.Serializable;

/**
 * What the summary of a run adds up over its waves.
 *
 * @param rows samples, failed ones among them
 * @param failed samples that failed
 * @param workNanos time that all slots together spent on decoding
 * @param wallNanos time from the start of the wave to its end
 */
public record WaveSums(long rows, long failed, long workNanos, long wallNanos)
    implements Serializable {

  private static final double NANOS_PER_SECOND = 1e9;

  public WaveSums {
    check(
        failed >= 0 && rows >= failed && workNanos >= 0 && wallNanos >= 0,
        "Cannot sum up %d rows, %d failed, %d ns of work in %d ns (0 or more, no more failed ones"
            + " than rows)",
        rows,
        failed,
        workNanos,
        wallNanos);
  }

  /** Returns the good samples per second of the wave, 0 if it took no time. */
  public double imagesPerSecond() {
    return wallNanos == 0 ? 0 : (rows - failed) * NANOS_PER_SECOND / wallNanos;
  }
}
