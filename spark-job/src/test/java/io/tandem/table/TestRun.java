package io.tandem.table;

import static io.tandem.table.GeneratedRows.BATCH_SIZE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The tables of a run in a local folder, with records in memory. */
final class TestRun {

  final SparkSession session;
  final Path folder;
  final WaveTables tables;
  final List<RecordedWave> records = new ArrayList<>();

  TestRun(SparkSession session, Path folder) {
    this.session = session;
    this.folder = folder;
    this.tables = new WaveTables(session, folder.toString(), "run-1");
  }

  /** Writes a wave of generated rows, in {@code tasks} tasks. */
  RecordedWave write(int wave, long first, long end, int tasks) {
    return write(wave, first, end, rows(GeneratedRows.of(first, end), first, end, tasks));
  }

  /** Writes a wave of the given rows. */
  RecordedWave write(int wave, long first, long end, Dataset<Row> rows) {
    String writeId = "write-" + wave;
    WrittenImages images = tables.writeImages(rows, wave, writeId);
    WrittenLatency latency = tables.writeLatency(images.files(), wave, writeId);
    RecordedWave record = new RecordedWave(wave, first, end, images.files(), latency.files());
    records.add(record);
    return record;
  }

  Dataset<Row> rows(GeneratedRows generator, long first, long end, int tasks) {
    SampleRange batches = new SampleRange(first / BATCH_SIZE, (end - 1) / BATCH_SIZE + 1);
    return WaveTables.rows(session, batches, tasks, generator, GeneratedRows.schema());
  }

  CheckedTables check() {
    return RunTables.check(session, folder.toString(), records, GeneratedRows::classOf);
  }

  Path file(TableName table, int wave, int number) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(table.folder(wave)))) {
      return files
          .filter(file -> file.toString().endsWith(".parquet"))
          .sorted()
          .toList()
          .get(number);
    }
  }
}
