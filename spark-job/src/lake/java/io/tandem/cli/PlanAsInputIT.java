package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.util.QueryExecutionListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a listener such as OpenLineage's gets to see of the waves of a run. */
class PlanAsInputIT {

  @TempDir static Path folder;

  /** Keeps the plans of what was written. */
  private static final class Plans implements QueryExecutionListener {

    private final List<String> plans = new CopyOnWriteArrayList<>();

    @Override
    public void onSuccess(String function, QueryExecution execution, long nanos) {
      plans.add(execution.toString());
    }

    @Override
    public void onFailure(String function, QueryExecution execution, Exception failure) {}
  }

  @Test
  void wavesReadTheirBatchesFromATable() throws Exception {
    Path run = folder.resolve("run");
    Path other = folder.resolve("other");
    Plans plans = new Plans();
    SharedSpark spark =
        SharedSpark.open(folder.resolve("steps"), Map.of("spark.tandem.planAsInput", "true"));
    try {
      SparkSession.active().listenerManager().register(plans);
      Ran ran = SmallSet.here(run.toString());
      assertThat(ran.exitCode()).as(ran.err()).isZero();
      SparkSession.active().sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      spark.close();
    }

    assertThat(plans.plans)
        .filteredOn(plan -> plan.contains("images/wave="))
        .filteredOn(plan -> plan.contains("MapPartitions"))
        .hasSize(3)
        .allMatch(plan -> plan.contains(run + "/_plan/batches"));
    assertThat(SmallSet.here(other.toString()).exitCode()).isZero();
    assertThat(StoredRun.samples(run)).isEqualTo(StoredRun.samples(other));
  }
}
