package io.tandem.table;

import io.tandem.executor.GeneratePartition;
import io.tandem.executor.GenerateSpec;
import io.tandem.executor.ImagesSchema;
import io.tandem.wave.Wave;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Makes batches of a run again and compares them with what is stored. */
public final class RegeneratedRows {

  private static final String[] COLUMNS = {"pixels_sha256", "tokens_sha256"};

  private RegeneratedRows() {}

  /**
   * Returns the samples that come out otherwise, in order.
   *
   * @param stored samples by batch; a sample that failed, or was made in a smaller batch than the
   *     run's for lack of memory, is not compared
   */
  public static List<Long> differences(
      SparkSession session, GenerateSpec spec, SortedMap<Long, List<StoredSample>> stored) {
    if (stored.isEmpty()) {
      return List.of();
    }
    int size = spec.sampling().batches().size();
    Wave all = new Wave(0, 0, Math.multiplyExact(stored.lastKey() + 1, size));
    List<Long> batches = List.copyOf(stored.keySet());
    int slots = session.sparkContext().defaultParallelism();
    List<Row> rows =
        session
            .createDataset(batches, Encoders.LONG())
            .repartition(Math.min(slots, batches.size()))
            .mapPartitions(new GeneratePartition(spec, all), Encoders.row(ImagesSchema.schema()))
            .select("sample_index", COLUMNS)
            .collectAsList();
    Map<Long, Row> made = new TreeMap<>();
    rows.forEach(row -> made.put(row.getLong(0), row));
    List<Long> different = new ArrayList<>();
    for (List<StoredSample> batch : stored.values()) {
      for (StoredSample sample : batch) {
        boolean isComparable =
            sample.tokensSha256().isPresent() && sample.place().batchSize() == size;
        if (isComparable && !isSame(sample, made.get(sample.sampleIndex()))) {
          different.add(sample.sampleIndex());
        }
      }
    }
    return different;
  }

  private static boolean isSame(StoredSample sample, Row made) {
    return made != null
        && Objects.equals(sample.tokensSha256().orElse(null), made.getString(2))
        && Objects.equals(sample.pixelsSha256().orElse(null), made.getString(1));
  }
}
