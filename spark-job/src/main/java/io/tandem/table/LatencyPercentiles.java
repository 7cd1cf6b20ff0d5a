package io.tandem.table;

/**
 * How long images took: the time of a batch, all scales, decoder and encoding, divided by the
 * samples that it decoded.
 *
 * @param medianNanos half of the images took no longer
 * @param p95Nanos nineteen of twenty took no longer
 */
public record LatencyPercentiles(long medianNanos, long p95Nanos) {

  public LatencyPercentiles {
    if (medianNanos < 0 || p95Nanos < medianNanos) {
      throw new IllegalArgumentException(
          "Cannot have a median of %d ns and a 95th percentile of %d ns"
              .formatted(medianNanos, p95Nanos));
    }
  }
}
