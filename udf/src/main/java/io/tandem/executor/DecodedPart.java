package io.tandem.executor;

import io.tandem.generate.BatchRequest;
import io.tandem.generate.BranchingGenerator.Sharing;
import io.tandem.generate.GeneratedBatch;
import io.tandem.metrics.LatencyReport;
import java.util.Optional;

/**
 * What became of samples that were decoded together for one run: a whole batch, or a part of one
 * that did not fit.
 *
 * @param run its number in the group
 * @param request the samples
 * @param position of the first one in its batch
 * @param made tokens and images; empty if they failed
 * @param error why they failed; nothing if they did not
 * @param times of the part
 */
record DecodedPart(
    int run,
    BatchRequest request,
    int position,
    Optional<GeneratedBatch> made,
    String error,
    Times times) {

  /**
   * How long the samples took.
   *
   * @param latency as if they had been decoded for this run alone
   * @param sharing what was decoded for other runs as well
   * @param conditions under which they were decoded
   */
  record Times(LatencyReport latency, Sharing sharing, Conditions conditions) {}

  /**
   * What times depend on.
   *
   * @param isWarmUp whether the models had decoded nothing before in this JVM
   * @param tasks generation tasks of the JVM when it began
   */
  record Conditions(boolean isWarmUp, int tasks) {}

  LatencyReport latency() {
    return times.latency();
  }

  Conditions conditions() {
    return times.conditions();
  }
}
