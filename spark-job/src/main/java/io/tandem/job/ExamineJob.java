package io.tandem.job;

import io.tandem.executor.Examination;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.JobWatch;
import io.tandem.spark.SessionSettings;
import io.tandem.table.ExecutorFindings;
import java.util.List;

/** Tries out what each executor of a cluster can do. */
public final class ExamineJob {

  /** Tasks for each slot: an executor that is late still gets one. */
  private static final int TASKS_PER_SLOT = 2;

  private ExamineJob() {}

  /**
   * What was found.
   *
   * @param executors that Spark has
   * @param findings of those that got a task
   */
  public record Result(int executors, List<Examination.Finding> findings) {

    public Result {
      findings = List.copyOf(findings);
    }

    /** Returns whether all executors were seen, and all can decode. */
    public boolean isGood() {
      return findings.size() == executors
          && findings.stream().allMatch(Examination.Finding::isGood);
    }
  }

  /**
   * Examines.
   *
   * @throws io.tandem.base.UserError if the settings make no sense
   */
  public static Result run(SessionSettings settings) {
    ClusterShape shape = ClusterShape.of(settings.values());
    Examination examination = new Examination(ClusterShape.usualDevice(settings.values()));
    // Jobs begin when all executors are there.
    SessionSettings patient = settings.orElse("spark.scheduler.minRegisteredResourcesRatio", "1.0");
    try (EmbeddedSpark spark = EmbeddedSpark.open(patient);
        JobWatch watch = new JobWatch(spark.session())) {
      List<Examination.Finding> findings =
          watch.run(
              "doctor",
              "looking at the executors",
              "doctor",
              () -> {},
              () ->
                  ExecutorFindings.examine(
                      spark.session(), examination, TASKS_PER_SLOT * shape.slots()));
      return new Result(ExecutorFindings.count(spark.session()), findings);
    }
  }
}
