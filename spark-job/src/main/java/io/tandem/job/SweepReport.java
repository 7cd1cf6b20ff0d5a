package io.tandem.job;

import io.tandem.job.SweepResult.Summary;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a page on a sweep tells.
 *
 * @param summary how its points stand
 * @param points what a page on the run of a point tells, by its name, in order; points that were
 *     never begun are left out
 */
public record SweepReport(Summary summary, Map<String, RunReport> points) {

  public SweepReport {
    points = Collections.unmodifiableMap(new LinkedHashMap<>(points));
  }
}
