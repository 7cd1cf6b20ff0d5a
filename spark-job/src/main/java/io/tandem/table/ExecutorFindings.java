package io.tandem.table;

import io.tandem.executor.ExecutorProbe;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;

/** Runs {@link ExecutorProbe} on a cluster. */
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
}
