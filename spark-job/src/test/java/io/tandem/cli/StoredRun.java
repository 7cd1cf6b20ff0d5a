package io.tandem.cli;

import io.tandem.spark.EmbeddedSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Reads what a run stored, the way a stranger would: as a table. */
final class StoredRun {

  private StoredRun() {}

  /**
   * Returns class and digests of all samples by index.
   *
   * @throws IllegalStateException if one is there twice
   */
  static Map<Long, String> samples(Path run) {
    Map<Long, String> samples = new TreeMap<>();
    for (Row row :
        rows(run, "images", "sample_index", "class_id", "pixels_sha256", "tokens_sha256")) {
      String text = row.getInt(1) + " " + row.getString(2) + " " + row.getString(3);
      if (samples.put(row.getLong(0), text) != null) {
        throw new IllegalStateException("Sample " + row.getLong(0) + " is there twice");
      }
    }
    return samples;
  }

  /** Returns the files and folders below a run, as paths relative to it, sorted. */
  static List<String> tree(Path run) {
    try (Stream<Path> all = Files.walk(run)) {
      return all.filter(path -> !path.equals(run))
          .map(path -> run.relativize(path).toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the rows of a table with some columns. */
  static List<Row> rows(Path run, String table, String... columns) {
    try (EmbeddedSpark spark = EmbeddedSpark.open(1)) {
      Dataset<Row> all = spark.session().read().parquet(run.resolve(table).toString());
      return all.selectExpr(columns).collectAsList();
    }
  }
}
