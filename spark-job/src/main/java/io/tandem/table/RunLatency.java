package io.tandem.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Sums up the latency table of a run. */
public final class RunLatency {

  private RunLatency() {}

  /**
   * Returns how long the images of {@code waves} took, batches of the warm-up left out; none if no
   * latency was measured.
   *
   * @param run the folder of the run
   */
  public static Optional<LatencyPercentiles> percentiles(
      SparkSession session, String run, List<RecordedWave> waves) {
    List<String> files = new ArrayList<>();
    for (RecordedWave wave : waves) {
      Path folder = new Path(run, TableName.LATENCY.folder(wave.wave()));
      wave.latency().stream()
          .filter(file -> file.rows() > 0)
          .forEach(file -> files.add(ParquetSource.literal(new Path(folder, file.name()))));
    }
    if (files.isEmpty()) {
      return Optional.empty();
    }
    Dataset<Row> batches =
        session
            .read()
            .schema(LatencyRows.schema())
            .parquet(files.toArray(String[]::new))
            // Each row of a batch has its totals; the first scale stands for it.
            .filter(col("scale").equalTo(1).and(expr("not coalesce(warmup, false)")));
    Row percentiles =
        batches
            .select(
                expr("percentile(cast(total_ns as double) / batch_size, array(0.5, 0.95), images)"))
            .first();
    if (percentiles.isNullAt(0)) {
      return Optional.empty();
    }
    List<Double> nanos = percentiles.getList(0);
    return Optional.of(new LatencyPercentiles(Math.round(nanos.get(0)), Math.round(nanos.get(1))));
  }
}
