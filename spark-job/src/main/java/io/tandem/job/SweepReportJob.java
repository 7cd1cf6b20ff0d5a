package io.tandem.job;

import io.tandem.job.SweepResult.Summary;
import io.tandem.run.SweepFolder;
import io.tandem.spark.SessionSettings;
import io.tandem.table.SweepRow;
import java.util.LinkedHashMap;
import java.util.Map;

/** Gathers what a page on a sweep tells. Needs no Spark and changes nothing. */
public final class SweepReportJob {

  private final String sweep;
  private final SessionSettings spark;

  /**
   * Prepares a job, which runs once.
   *
   * @param sweep folder of the sweep
   * @param spark settings, of which those of file systems count
   */
  public SweepReportJob(String sweep, SessionSettings spark) {
    this.sweep = sweep;
    this.spark = spark;
  }

  /**
   * Gathers.
   *
   * @throws io.tandem.base.UserError if there is no sweep, or a file is missing or damaged
   */
  public SweepReport run() {
    Summary summary = SweepJob.read(sweep, spark);
    SweepFolder folder = SweepFolder.openToRead(sweep, spark.hadoop());
    Map<String, RunReport> points = new LinkedHashMap<>();
    for (SweepRow row : summary.rows()) {
      if (row.run().isPresent()) {
        points.put(row.point(), new ReportJob(folder.point(row.point()), spark).run());
      }
    }
    return new SweepReport(summary, points);
  }
}
