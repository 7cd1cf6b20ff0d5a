package io.tandem.table;

import java.util.List;

/**
 * What the table of times says of a batch, as far as it is in one wave.
 *
 * @param conditions under which it was measured
 * @param phase of the JVM
 * @param images samples of the batch that are in the wave
 * @param createdMicros when it was done, in microseconds since 1970
 * @param stages times of the whole batch beside the scales
 * @param scales coarse to fine
 */
public record BatchLatency(
    Conditions conditions,
    Phase phase,
    int images,
    long createdMicros,
    Stages stages,
    List<Scale> scales) {

  public BatchLatency {
    scales = List.copyOf(scales);
  }

  /** Whether a JVM had decoded before. */
  public enum Phase {
    /** The first batch of a JVM with its models. */
    WARM_UP,
    STEADY
  }

  /**
   * What times must have in common to be compared.
   *
   * @param mode {@code sync} or {@code launch}
   * @param concurrentTasks tasks that the JVM ran at once
   * @param threads of a kernel on a processor
   * @param device kind of device, {@code cpu} or {@code cuda}
   * @param batchSize images that were decoded together
   */
  public record Conditions(
      String mode, int concurrentTasks, int threads, String device, int batchSize) {}

  /**
   * Times of the whole batch, in nanoseconds.
   *
   * @param totalNanos of decoding it
   * @param vaeNanos from feature maps to pixels
   * @param encodeNanos from pixels to files
   * @param shareNanos part of the total that this run answers for: what was decoded for several
   *     runs of a sweep is divided among them
   */
  public record Stages(long totalNanos, long vaeNanos, long encodeNanos, long shareNanos) {}

  /**
   * One scale of the batch.
   *
   * @param scale from 1
   * @param side of its token map
   * @param model that decoded it
   * @param prefillTokens per image, that the model caught up on first
   * @param nanos of the whole batch
   * @param cacheBytes largest size of all key/value caches meanwhile
   */
  public record Scale(
      int scale, int side, String model, int prefillTokens, long nanos, long cacheBytes) {}
}
