package io.tandem.executor;

import io.tandem.generate.BatchRequest;
import io.tandem.generate.GeneratedBatch;
import io.tandem.metrics.LatencyReport;
import java.util.Optional;

/**
 * What became of samples that were decoded together: a whole batch, or a part of one that did not
 * fit.
 *
 * @param request the samples
 * @param position of the first one in its batch
 * @param made tokens and images; empty if they failed
 * @param error why they failed; nothing if they did not
 * @param latency times of the part
 * @param conditions under which it was decoded
 */
record DecodedPart(
    BatchRequest request,
    int position,
    Optional<GeneratedBatch> made,
    String error,
    LatencyReport latency,
    Conditions conditions) {

  /**
   * What times depend on.
   *
   * @param isWarmUp whether the models had decoded nothing before in this JVM
   * @param tasks generation tasks of the JVM when it began
   */
  record Conditions(boolean isWarmUp, int tasks) {}
}
