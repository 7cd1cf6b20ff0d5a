package io.tandem.table;

import io.tandem.executor.Examination;
import io.tandem.executor.ExecutorProbe;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;

/** Looks at the executors of a cluster. */
public final class ExecutorFindings {

  private ExecutorFindings() {}

  /**
   * Returns what the first task found, after all tasks have looked.
   *
   * @param tasks as many as run at once, so that each executor is likely to have one
   */
  public static ExecutorProbe.Finding of(SparkSession session, ExecutorProbe probe, int tasks) {
    List<ExecutorProbe.Finding> findings =
        session
            .range(0, tasks, 1, tasks)
            .mapPartitions(probe, Encoders.javaSerialization(ExecutorProbe.Finding.class))
            .collectAsList();
    if (findings.size() != 1) {
      throw new IllegalStateException(findings.size() + " tasks were the first");
    }
    return findings.get(0);
  }

  /**
   * Returns what was found on the executors that got a task, one finding each, by their names.
   *
   * @param tasks as many as run at once or more, so that each executor is likely to have one
   */
  public static List<Examination.Finding> examine(
      SparkSession session, Examination examination, int tasks) {
    SortedMap<String, Examination.Finding> byExecutor = new TreeMap<>();
    session
        .range(0, tasks, 1, tasks)
        .mapPartitions(examination, Encoders.javaSerialization(Examination.Finding.class))
        .collectAsList()
        .forEach(finding -> byExecutor.putIfAbsent(finding.executor(), finding));
    return List.copyOf(byExecutor.values());
  }

  /** Returns how many executors Spark has now; without a cluster the driver is the only one. */
  public static int count(SparkSession session) {
    return Math.max(1, session.sparkContext().statusTracker().getExecutorInfos().length - 1);
  }
}
