package io.tandem.cli;

import io.tandem.fault.DamagedFile;
import io.tandem.spark.EmbeddedSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
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

  /** Returns the one data file in a folder of a run. */
  static Path file(Path run, String folder) {
    return run.resolve(
        tree(run).stream()
            .filter(path -> path.startsWith(folder + "/") && path.endsWith(".parquet"))
            .reduce((one, another) -> one + " and " + another)
            .orElseThrow());
  }

  /** Changes the last byte of a column in the first row group of a file. */
  static void damage(Path file, String column) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(
                new org.apache.hadoop.fs.Path(file.toUri()), new Configuration(false)))) {
      for (ColumnChunkMetaData chunk : reader.getRowGroups().get(0).getColumns()) {
        if (chunk.getPath().toDotString().equals(column)) {
          DamagedFile.flip(file, chunk.getStartingPos() + chunk.getTotalSize() - 1);
        }
      }
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
