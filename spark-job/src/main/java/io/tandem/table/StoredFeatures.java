package io.tandem.table;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.tandem.executor.FeatureSpec;
import io.tandem.executor.FeaturesSchema;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Features that a run wrote beside its pictures. The pictures are not read, and need not be there.
 */
public final class StoredFeatures implements SampleChunks {

  private static final String COLUMN = "features";
  private static final String NONE = "none";

  private final String name;
  private final RunTable table;

  private StoredFeatures(String name, RunTable table) {
    this.name = name;
    this.table = table;
  }

  /**
   * Opens the recorded waves of a run.
   *
   * @param name what messages call it
   * @param run its folder
   * @throws io.tandem.base.UserError if there are none, or no such column
   */
  public static StoredFeatures ofRun(
      SparkSession session, String name, String run, List<RecordedWave> waves) {
    RunTable table = RunTable.of(session, name, run, waves);
    table.source().checkColumn(COLUMN);
    return new StoredFeatures(name, table);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long count() {
    return table.count();
  }

  @Override
  public SortedMap<Long, String> chunks() {
    return table.chunks();
  }

  /**
   * Hands over rows of {@link FeaturesSchema}; each partition holds whole chunks, in the order of
   * samples.
   *
   * @param wanted chunks that are handed over
   * @param partitions as many as they have, if there are as many chunks
   * @param taps what of the features is handed over
   */
  public void read(
      SortedSet<Long> wanted, int partitions, FeatureSpec.Taps taps, Consumer<Dataset<Row>> work) {
    Dataset<Row> rows = rows(taps);
    Dataset<Row> cut =
        RunTable.cut(
            rows,
            wanted.size() < table.chunks().size() ? Optional.of(wanted) : Optional.empty(),
            partitions,
            FeaturesSchema.schema());
    table.source().explainedIfDamaged(() -> work.accept(cut));
  }

  private Dataset<Row> rows(FeatureSpec.Taps taps) {
    Column isOk = col("status").equalTo("ok");
    Column isThere = isOk.and(col(COLUMN).isNotNull());
    Column spatial = col(COLUMN).getField("spatial");
    return table
        .source()
        .table()
        .select(
            col(ParquetSource.SAMPLE_INDEX).as("sample"),
            col(ParquetSource.CLASS_ID).as("class_id"),
            when(isThere, lit(FeaturesSchema.OK))
                .when(isOk, lit(FeaturesSchema.UNUSABLE))
                .otherwise(lit(FeaturesSchema.FAILED))
                .as("status"),
            when(isThere, lit(null).cast("string"))
                .when(isOk, lit("it has no features"))
                .otherwise(coalesce(col("error"), lit("it has no picture")))
                .as("error"),
            when(isThere, col("width")).as("width"),
            when(isThere, col("height")).as("height"),
            when(isThere, coalesce(col("format"), lit(NONE))).as("format"),
            when(isThere, col("pixels_sha256")).as("pixels_sha256"),
            col(COLUMN).getField("features").as("features"),
            col(COLUMN).getField("logits").as("logits"),
            (taps == FeatureSpec.Taps.FEATURES_AND_SPATIAL ? spatial : lit(null).cast("binary"))
                .as("spatial"));
  }
}
