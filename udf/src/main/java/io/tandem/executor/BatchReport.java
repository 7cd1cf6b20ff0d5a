package io.tandem.executor;

import java.io.Serializable;
import java.util.List;

/**
 * What an executor tells the driver after a batch.
 *
 * @param runId name of the run
 * @param executor Spark's name of the executor
 * @param images rows of the batch that succeeded
 * @param failed rows of the batch that did not
 * @param scaleNanos time of each scale, coarse to fine; empty if nothing was decoded
 * @param totals of the executor so far
 */
record BatchReport(
    String runId, String executor, int images, int failed, List<Long> scaleNanos, Totals totals)
    implements Serializable {

  /**
   * Numbers of an executor.
   *
   * @param outOfMemory how often memory did not suffice
   * @param loadSeconds time of loading models
   * @param deviceBytes memory of its GPU that is in use; 0 without one
   */
  record Totals(long outOfMemory, double loadSeconds, long deviceBytes) implements Serializable {

    static final Totals NONE = new Totals(0, 0, 0);
  }

  BatchReport {
    scaleNanos = List.copyOf(scaleNanos);
  }
}
