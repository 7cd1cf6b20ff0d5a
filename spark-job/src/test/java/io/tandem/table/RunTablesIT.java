package io.tandem.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.fault.DamagedFile;
import io.tandem.spark.EmbeddedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTablesIT {

  private static EmbeddedSpark spark;
  private static SparkSession session;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = EmbeddedSpark.open(1);
    session = spark.session();
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @Test
  void findsNothingInTablesAsTheyWereWritten() throws IOException {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 22, 2);
    run.write(1, 22, 40, 1);
    // Readers of the table do not see these.
    Files.createDirectories(folder.resolve("images/wave=0/_temporary/0"));
    Files.writeString(folder.resolve("images/_SUCCESS"), "");

    assertThat(run.check()).isEqualTo(new CheckedTables(5, 40, 38, 0, List.of(), Set.of()));
  }

  @Test
  void findsAFlippedByteInEachColumn() throws IOException {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 24, 1);
    for (TableName table : TableName.values()) {
      Path file = run.file(table, 0, 0);
      byte[] whole = Files.readAllBytes(file);
      for (ColumnChunkMetaData chunk : columns(file)) {
        DamagedFile.flip(file, chunk.getStartingPos() + chunk.getTotalSize() - 1);

        CheckedTables checked = run.check();

        String column = chunk.getPath().toDotString();
        assertThat(checked.findings().get(0).toString())
            .as(column)
            .startsWith(
                "%s/wave=0/%s: column %s is damaged in row group 0: the checksum of its page 0"
                    .formatted(table, file.getFileName(), column))
            .matches(".* of the row group\\) is [0-9a-f]{8}, not [0-9a-f]{8}");
        assertThat(checked.total()).as(column).isEqualTo(isKey(table, column) ? lost(table) : 1);
        Files.write(file, whole);
      }
    }
    assertThat(run.check().total()).isZero();
  }

  private static boolean isKey(TableName table, String column) {
    return table == TableName.IMAGES
        ? column.equals("sample_index")
        : List.of("batch_id", "scale").contains(column);
  }

  /** The rows of a row group, and for images its samples, when keys are lost. */
  private static long lost(TableName table) {
    return table == TableName.IMAGES ? 3 : 2;
  }

  @Test
  void findsAFlippedByteWhereverItIs() throws IOException {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 8, 1);
    for (TableName table : TableName.values()) {
      Path file = run.file(table, 0, 0);
      byte[] whole = Files.readAllBytes(file);
      List<Integer> missed = new ArrayList<>();
      // A session would take a second for each.
      FileTask task =
          new FileTask(
              table,
              0,
              new SampleRange(0, 8),
              run.records.get(0).files(table).get(0),
              folder.toString());
      FileCheck check = new FileCheck(HadoopSettings.of(session), GeneratedRows::classOf);
      Random random = new Random(7);
      for (int i = 0; i < 400; i++) {
        int position = random.nextInt(whole.length);
        byte[] damaged = whole.clone();
        damaged[position] ^= (byte) (1 << random.nextInt(8));
        DamagedFile.rewrite(file, damaged);
        if (check.call(task).findings.total() == 0) {
          missed.add(position);
        }
      }
      assertThat(missed).as("flips that were missed in %s", table).isEmpty();
      Files.write(file, whole);
      assertThat(check.call(task).findings.first()).isEmpty();
    }
  }

  @Test
  void findsDamageThatTheChecksumsOfTheFileSystemSee() throws IOException {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 24, 1);
    Path file = run.file(TableName.IMAGES, 0, 0);
    byte[] bytes = Files.readAllBytes(file);
    bytes[600] ^= 1;
    Files.write(file, bytes);

    assertThat(run.check().total()).isPositive();
  }

  @Test
  void readsOnAfterARowGroupThatIsDamaged() throws IOException {
    TestRun run = new TestRun(session, folder);
    Dataset<Row> rows = run.rows(GeneratedRows.ofSide(256, 0, 120), 0, 120, 1);
    RecordedWave wave = run.write(0, 0, 120, rows);
    Path file = run.file(TableName.IMAGES, 0, 0);
    ColumnChunkMetaData images =
        columns(file).stream()
            .filter(chunk -> chunk.getPath().toDotString().equals("image.bytes"))
            .findFirst()
            .orElseThrow();
    DamagedFile.flip(file, images.getStartingPos() + 100_000);

    CheckedTables checked = run.check();

    assertThat(wave.images()).hasSize(1);
    assertThat(checked.total()).isEqualTo(1);
    assertThat(checked.rows()).isEqualTo(120);
    // The second row group.
    assertThat(checked.pictures()).isBetween(20L, 60L);
    assertThat(checked.findings().get(0).what())
        .contains(
            "column image.bytes is damaged in row group 0: the checksum of its page 0 (rows 0");
  }

  @Test
  void findsFilesThatAreMissingOrTooMany() throws IOException {
    TestRun run = new TestRun(session, folder);
    RecordedWave wave = run.write(0, 0, 24, 2);
    Path gone = run.file(TableName.IMAGES, 0, 1);
    Files.copy(run.file(TableName.IMAGES, 0, 0), folder.resolve("images/wave=0/extra.parquet"));
    Files.delete(gone);
    Files.createDirectories(folder.resolve("images/wave=1"));

    CheckedTables checked = run.check();

    assertThat(checked.findings())
        .containsExactlyInAnyOrder(
            finding(-1, "images/wave=1", -1, "no record knows it"),
            finding(0, "images/wave=0/extra.parquet", -1, "no record knows it"),
            finding(0, "images/wave=0/" + gone.getFileName(), -1, "the file is missing"),
            finding(0, "", 12, "samples 12 to 23 are in no file"));
    assertThat(checked.total()).isEqualTo(4);
    assertThat(wave.images()).hasSize(2);
  }

  @Test
  void findsFilesOfAnotherLengthOrWrite() throws IOException {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 24, 1);
    TestRun other = new TestRun(session, folder.resolve("other"));
    other.tables.writeImages(other.rows(GeneratedRows.of(0, 20), 0, 20, 1), 5, "theirs");
    Path file = run.file(TableName.IMAGES, 0, 0);
    byte[] theirs = Files.readAllBytes(other.file(TableName.IMAGES, 5, 0));
    long ours = Files.size(file);
    DamagedFile.rewrite(file, theirs);

    assertThat(run.check().findings())
        .extracting(Finding::what)
        .containsExactly(
            "it has %d bytes, its record says %d".formatted(theirs.length, ours),
            "it is of write theirs, its record says write-0",
            "it is of wave 5, its record says 0",
            "it has 20 rows, its record says 24",
            "its footer is damaged, so that its rows cannot be read",
            "samples 0 to 23 are in no file");
  }

  @Test
  void findsAFileThatIsCutOff() throws IOException {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 24, 1);
    Path file = run.file(TableName.LATENCY, 0, 0);
    byte[] bytes = Files.readAllBytes(file);
    DamagedFile.rewrite(file, Arrays.copyOf(bytes, bytes.length - 10));

    List<Finding> findings = run.check().findings();

    assertThat(findings).hasSize(2);
    assertThat(findings.get(0).what())
        .isEqualTo(
            "it has %d bytes, its record says %d".formatted(bytes.length - 10, bytes.length));
    assertThat(findings.get(1).what()).startsWith("it cannot be read (");
  }

  @Test
  void findsSamplesThatAreThereTwiceOrNotAtAll() {
    TestRun run = new TestRun(session, folder);
    Dataset<Row> rows = run.rows(GeneratedRows.of(0, 24), 0, 24, 1);
    run.write(
        0,
        0,
        24,
        rows.filter(col("sample_index").notEqual(7))
            .union(rows.filter(col("sample_index").between(9, 10)))
            .coalesce(1));

    String file = "images/wave=0/" + run.records.get(0).images().get(0).name();
    assertThat(run.check().findings())
        .containsExactly(
            finding(0, file, 9, "samples 9 to 10 are there twice"),
            finding(0, "", 7, "it is in no file"),
            finding(0, "", -1, "latency of batch 2 is there twice"));
  }

  @Test
  void findsWavesThatNoRecordOrTwoRecordsHold() {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 8, 1);
    run.write(2, 16, 24, 1);
    run.write(3, 20, 24, 1);

    assertThat(run.check().findings())
        .containsExactly(
            finding(-1, "", 20, "samples 20 to 23 are in the records of two waves"),
            finding(-1, "", 8, "samples 8 to 15 are in the record of no wave"));
  }

  @Test
  void findsRowsThatAreNotWhatTheySay() {
    assertFound(
        "pixels_sha256",
        "'0' || substring(pixels_sha256, 2)",
        "pixels_sha256 is not that of its picture");
    assertFound(
        "tokens_sha256", "reverse(tokens_sha256)", "tokens_sha256 is not that of its tokens");
    assertFound("tokens", "cast(null as binary)", "it has no tokens");
    assertFound("tokens", "cast('abc' as binary)", "tokens_sha256 is not that of its tokens");
    assertFound("class_id", "class_id + 1", "class_id is 6, the plan says 5");
    assertFound("batch_pos", "3", "it is not sample 3 of batch 1");
    assertFound("width", "9", "its picture has 8 x 8 pixels, the row says 9 x 8");
    assertFound("status", "'done'", "status is 'done' (ok or failed)");
    assertFound("image", "cast(null as struct<bytes: binary, path: string>)", "it has no picture");
    assertFound(
        "image",
        "named_struct('bytes', cast('abc' as binary), 'path', 'p')",
        "its picture cannot be decoded (Cannot read picture 'image': it is neither PNG nor JPEG)");
    assertFound(
        "format",
        "'raw'",
        "its picture cannot be decoded (Cannot make a picture of 8 x 8 pixels from");
  }

  /** Changes sample 5 alone. */
  private void assertFound(String column, String value, String what) {
    Path place = folder.resolve(Integer.toHexString((column + value).hashCode()));
    TestRun run = new TestRun(session, place);
    Dataset<Row> rows = run.rows(GeneratedRows.of(4, 8), 4, 8, 1);
    RecordedWave wave = run.write(0, 4, 8, changed(rows, column, expr(value)));

    List<Finding> findings =
        run.check().findings().stream().filter(finding -> finding.wave() == 0).toList();

    assertThat(findings).as(column + " = " + value).hasSize(1);
    assertThat(findings.get(0).what()).startsWith(what);
    assertThat(findings.get(0).sample()).isEqualTo(5);
    assertThat(findings.get(0).file()).endsWith(wave.images().get(0).name());
  }

  private static Dataset<Row> changed(Dataset<Row> rows, String column, Column value) {
    return rows.withColumn(
        column, when(col("sample_index").equalTo(5), value).otherwise(col(column)));
  }

  @Test
  void findsTimesBelowZeroInBothTables() {
    TestRun run = new TestRun(session, folder);
    Dataset<Row> rows = run.rows(GeneratedRows.of(0, 8), 0, 8, 1);
    run.write(
        0,
        0,
        8,
        rows.withColumn(
            "latency",
            when(col("batch_id").equalTo(1), col("latency").withField("vae_ns", lit(-7L)))
                .otherwise(col("latency"))));

    // Four samples, and the rows of three scales.
    assertThat(run.check().findings())
        .hasSize(7)
        .allMatch(finding -> finding.what().equals("vae_ns is -7 (0 or more)"));
  }

  @Test
  void findsBatchesThatOneTableLacks() throws IOException {
    TestRun run = new TestRun(session, folder);
    WrittenImages all =
        run.tables.writeImages(run.rows(GeneratedRows.of(0, 24), 0, 24, 3), 0, "all");
    WrittenLatency latency = run.tables.writeLatency(all.files(), 0, "all");
    // Of batches 0 and 1, 2 and 3, 4 and 5.
    List<WrittenFile> some = all.files().subList(0, 2);
    TestRun without = new TestRun(session, folder.resolve("without"));
    WrittenImages more =
        without.tables.writeImages(run.rows(GeneratedRows.of(0, 24), 0, 24, 3), 0, "all");
    WrittenLatency less = without.tables.writeLatency(more.files().subList(1, 3), 0, "all");
    run.records.add(new RecordedWave(0, 0, 24, some, latency.files()));
    without.records.add(new RecordedWave(0, 0, 24, more.files(), less.files()));

    assertThat(run.check().findings())
        .extracting(Finding::what)
        .contains("latency of batches 4 to 5 without images");
    assertThat(without.check().findings())
        .extracting(Finding::what)
        .containsExactly("images of batches 0 to 1 without latency");
  }

  @Test
  void countsFindingsBeyondThoseItKeeps() {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 400, 2);

    CheckedTables checked = RunTables.check(session, folder.toString(), run.records, sample -> -1);

    assertThat(checked.total()).isEqualTo(400);
    assertThat(checked.findings()).hasSize(200);
  }

  private static Finding finding(int wave, String file, long sample, String what) {
    return new Finding(wave, file, sample, what);
  }

  private static List<ColumnChunkMetaData> columns(Path file) throws IOException {
    try (ParquetRows rows =
        ParquetRows.open(new Configuration(), new org.apache.hadoop.fs.Path(file.toUri()))) {
      return rows.rowGroups().get(0).getColumns();
    }
  }
}
