package io.tandem.metrics;

import java.io.Serializable;
import java.util.List;

/**
 * How long one batch took, for all its images together.
 *
 * @param mode what the times mean
 * @param scales latencies of the decoded scales, coarse to fine
 * @param vaeNanos time from feature maps to pixels
 * @param encodeNanos time from pixels to image files
 * @param totalNanos time from the creation of the recorder to the end of the last stage
 */
public record LatencyReport(
    LatencyMode mode, List<ScaleLatency> scales, long vaeNanos, long encodeNanos, long totalNanos)
    implements Serializable {

  public LatencyReport {
    scales = List.copyOf(scales);
  }

  /** Returns the time of all prefills. */
  public long prefillNanos() {
    return scales.stream().mapToLong(ScaleLatency::prefillNanos).sum();
  }

  /** Returns the time of all transformer steps. */
  public long decodeNanos() {
    return scales.stream().mapToLong(ScaleLatency::decodeNanos).sum();
  }

  /** Returns the time of the transformer steps by {@code model}, its prefills left out. */
  public long decodeNanos(String model) {
    return scales.stream()
        .filter(scale -> scale.step().model().equals(model))
        .mapToLong(ScaleLatency::decodeNanos)
        .sum();
  }

  /** Returns the time of drawing tokens. */
  public long sampleNanos() {
    return scales.stream().mapToLong(ScaleLatency::sampleNanos).sum();
  }

  /** Returns the time that belongs to no stage. */
  public long otherNanos() {
    return totalNanos - prefillNanos() - decodeNanos() - sampleNanos() - vaeNanos - encodeNanos;
  }

  /** Returns the largest number of bytes that all key/value caches had at once. */
  public long peakCacheBytes() {
    return scales.stream().mapToLong(ScaleLatency::cacheBytes).max().orElse(0);
  }
}
