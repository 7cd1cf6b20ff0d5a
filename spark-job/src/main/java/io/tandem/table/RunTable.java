package io.tandem.table;

import static io.tandem.base.Checks.check;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import io.tandem.executor.FeatureSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * The table of images of a run: its recorded waves, and nothing else that may be in the folder.
 *
 * @param source its files
 * @param count samples in the waves
 * @param chunks that have samples, each with a fingerprint of the files they may be in
 */
record RunTable(ParquetSource source, long count, SortedMap<Long, String> chunks) {

  private static final String CHUNK = "chunk";

  /**
   * Opens the recorded waves of a run.
   *
   * @param name what messages call it
   * @param waves in order
   * @throws io.tandem.base.UserError if there are none
   */
  static RunTable of(SparkSession session, String name, String run, List<RecordedWave> waves) {
    check(
        !waves.isEmpty(),
        "Cannot evaluate run '%s': it has no committed wave. Generate one.",
        name);
    List<Path> files = new ArrayList<>();
    SortedMap<Long, List<String>> lines = new TreeMap<>();
    long count = 0;
    for (RecordedWave wave : waves) {
      Path folder = new Path(run, TableName.IMAGES.folder(wave.wave()));
      List<String> ofWave = new ArrayList<>();
      for (WrittenFile file : wave.images()) {
        files.add(new Path(folder, file.name()));
        ofWave.add(file.name() + " " + file.bytes() + " " + file.footerSha256());
      }
      count += wave.end() - wave.first();
      for (long chunk = chunkOf(wave.first()); chunk <= chunkOf(wave.end() - 1); chunk++) {
        lines.computeIfAbsent(chunk, key -> new ArrayList<>()).addAll(ofWave);
      }
    }
    SortedMap<Long, String> chunks = new TreeMap<>();
    lines.forEach((chunk, ofChunk) -> chunks.put(chunk, PictureRows.fingerprint(ofChunk)));
    ParquetSource source = ParquetSource.ofFiles(session, "run '" + name + "'", run, files);
    source.checkColumn(ParquetSource.SAMPLE_INDEX);
    return new RunTable(source, count, Collections.unmodifiableSortedMap(chunks));
  }

  private static long chunkOf(long sample) {
    return Math.floorDiv(sample, FeatureSpec.CHUNK);
  }

  /**
   * Returns rows so that each partition holds whole chunks, in the order of samples.
   *
   * @param rows with a column {@code sample}
   * @param wanted chunks that are not left out
   * @param schema columns that are returned
   */
  static Dataset<Row> cut(
      Dataset<Row> rows, Optional<SortedSet<Long>> wanted, int partitions, StructType schema) {
    Column chunk = expr("sample div " + FeatureSpec.CHUNK);
    Dataset<Row> some = rows.withColumn(CHUNK, chunk);
    if (wanted.isPresent()) {
      some = some.filter(col(CHUNK).isin(wanted.get().toArray()));
    }
    return some.repartition(partitions, col(CHUNK))
        .sortWithinPartitions("sample")
        .select(Arrays.stream(schema.fieldNames()).map(functions::col).toArray(Column[]::new));
  }
}
