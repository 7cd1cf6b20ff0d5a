package io.tandem.metrics;

import java.io.Serializable;

/**
 * How long one scale of a batch took.
 *
 * @param step what was done
 * @param prefillNanos time of catching up, 0 if there was nothing to catch up on
 * @param decodeNanos time of the transformer step
 * @param sampleNanos time of drawing the tokens
 * @param cacheBytes largest number of bytes of all key/value caches while the scale was decoded
 */
public record ScaleLatency(
    ScaleStep step, long prefillNanos, long decodeNanos, long sampleNanos, long cacheBytes)
    implements Serializable {

  /** Returns the time of all stages of this scale. */
  public long nanos() {
    return prefillNanos + decodeNanos + sampleNanos;
  }
}
