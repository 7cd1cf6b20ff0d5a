package io.tandem.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tandem.spark.EmbeddedSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WaveTablesIT {

  private static final String MASTER = "spark.master";

  private static final String COMMITTER =
      "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version";

  private static EmbeddedSpark spark;
  private static SparkSession session;

  @TempDir Path folder;

  /** Tasks may fail once, and a task that ends moves its files in at once: the harder committer. */
  @BeforeAll
  static void start() {
    System.setProperty(MASTER, "local[1,2]");
    System.setProperty(COMMITTER, "2");
    spark = EmbeddedSpark.open(1);
    session = spark.session();
  }

  @AfterAll
  static void stop() {
    spark.close();
    System.clearProperty(MASTER);
    System.clearProperty(COMMITTER);
  }

  @Test
  void writesAFileForEachTaskAndSaysWhatIsInThem() throws IOException {
    TestRun run = new TestRun(session, folder);

    WrittenImages images =
        run.tables.writeImages(run.rows(GeneratedRows.of(6, 30), 6, 30, 3), 7, "w");

    assertThat(images.files()).hasSize(3);
    assertThat(images.files()).extracting(WrittenFile::rows).containsExactly(6L, 8L, 10L);
    assertThat(images.files()).extracting(WrittenFile::writeId).containsOnly("w");
    assertThat(images.files())
        .extracting(WrittenFile::bytes)
        .containsExactlyElementsOf(
            images.files().stream().map(file -> size("images/wave=7/" + file.name())).toList());
    assertThat(images.samples())
        .containsExactly(new SampleRange(6, 12), new SampleRange(12, 20), new SampleRange(20, 30));
    assertThat(images.hold(6, 30)).isTrue();
    assertThat(images.hold(6, 31)).isFalse();
    assertThat(images.failed()).isZero();
    assertThat(images.removed()).isEmpty();
    assertThat(visible("images/wave=7")).hasSize(3);
    assertThat(folder.resolve("images/wave=7/_SUCCESS")).doesNotExist();
  }

  @Test
  void countsSamplesThatFailed() {
    TestRun run = new TestRun(session, folder);

    WrittenImages images =
        run.tables.writeImages(run.rows(GeneratedRows.of(0, 40), 0, 40, 1), 0, "w");

    assertThat(images.rows()).isEqualTo(40);
    assertThat(images.failed())
        .isEqualTo(LongStream.range(0, 40).filter(GeneratedRows::fails).count())
        .isEqualTo(2);
  }

  @Test
  void givesBackTheRowsThatWentIn() {
    TestRun run = new TestRun(session, folder);
    Dataset<Row> rows = run.rows(GeneratedRows.of(0, 24), 0, 24, 2);
    run.write(0, 0, 24, rows);

    Dataset<Row> read = session.read().parquet(folder.resolve("images").toString());

    assertThat(read.columns())
        .containsExactlyElementsOf(
            Stream.concat(Arrays.stream(rows.columns()), Stream.of("wave")).toList());
    assertThat(read.drop("wave").orderBy("sample_index").toJSON().collectAsList())
        .isEqualTo(rows.toJSON().collectAsList());
  }

  @Test
  void putsKeysInTheFootersAndPagesOfTheRightSize() throws IOException {
    TestRun run = new TestRun(session, folder);
    Dataset<Row> rows = run.rows(GeneratedRows.ofSide(256, 0, 120), 0, 120, 1);
    WrittenImages images = run.tables.writeImages(rows, 3, "w");

    try (ParquetRows file = open("images/wave=3/" + images.files().get(0).name())) {
      assertThat(file.keys())
          .containsEntry(
              "huggingface", "{\"info\":{\"features\":{\"image\":{\"_type\":\"Image\"}}}}")
          .containsEntry("tandem.run", "run-1")
          .containsEntry("tandem.wave", "3")
          .containsEntry("tandem.write", "w")
          .containsKey("org.apache.spark.sql.parquet.row.metadata");
      // 118 pictures of 192 KiB.
      assertThat(file.rowGroups()).hasSize(2);
      assertThat(file.rowGroups().get(0).getTotalByteSize()).isBetween(15L << 20, 17L << 20);
      ColumnChunkMetaData bytes = file.rowGroups().get(0).getColumns().get(5);
      assertThat(bytes.getPath().toDotString()).isEqualTo("image.bytes");
      assertThat(bytes.getCodec()).isEqualTo(CompressionCodecName.ZSTD);
      assertThat(bytes.getEncodings()).contains(Encoding.PLAIN).noneMatch(Encoding::usesDictionary);
      assertThat(file.reader().readOffsetIndex(bytes).getPageCount()).isBetween(14, 18);
      assertThat(
              bytes.getStatistics().isEmpty() || bytes.getStatistics().getMaxBytes().length <= 64)
          .isTrue();
      assertThat(file.schema().getType("created_at").toString())
          .isEqualTo("optional int64 created_at (TIMESTAMP(MICROS,true))");
    }
  }

  @Test
  void takesNoNoticeOfTheSessionsOwnSettings() throws IOException {
    SparkSession odd = session.newSession();
    odd.conf().set("spark.sql.files.maxRecordsPerFile", 3);
    odd.conf().set("spark.sql.parquet.compression.codec", "gzip");
    odd.conf().set("spark.sql.parquet.outputTimestampType", "INT96");
    odd.conf().set("spark.sql.parquet.writeLegacyFormat", true);
    odd.conf().set("spark.sql.datetime.java8API.enabled", true);
    TestRun plain = new TestRun(session, folder.resolve("plain"));
    TestRun run = new TestRun(odd, folder.resolve("odd"));
    Dataset<Row> rows = plain.rows(GeneratedRows.of(0, 12), 0, 12, 1);
    plain.write(0, 0, 12, rows);

    // Rows of the other session, since the classes of times are part of them.
    rows.write().parquet(folder.resolve("rows").toString());
    run.write(0, 0, 12, odd.read().parquet(folder.resolve("rows").toString()));

    assertThat(run.records.get(0).images()).hasSize(1);
    assertThat(run.check().findings()).isEmpty();
    assertThat(odd.read().parquet(run.folder.resolve("latency").toString()).schema())
        .isEqualTo(session.read().parquet(plain.folder.resolve("latency").toString()).schema());
  }

  @Test
  void holdsEachRowOnceAfterTasksThatFailedAndWereMadeAgain() throws IOException {
    TestRun run = new TestRun(session, folder);

    WrittenImages images =
        run.tables.writeImages(
            run.rows(GeneratedRows.of(0, 24).failingAtFirst(), 0, 24, 2), 0, "w");

    assertThat(images.hold(0, 24)).isTrue();
    assertThat(visible("images/wave=0")).hasSize(2);
  }

  @Test
  void removesWhatOtherWritesLeft() throws IOException {
    TestRun run = new TestRun(session, folder);
    run.tables.writeImages(run.rows(GeneratedRows.of(0, 24), 0, 24, 1), 0, "of the dead");
    Path wave = folder.resolve("images/wave=0");
    Files.createDirectories(wave.resolve("_temporary/0/task_1"));
    Files.writeString(wave.resolve("_temporary/0/task_1/part-0.parquet"), "half");
    Files.writeString(wave.resolve("_SUCCESS"), "");
    Files.writeString(wave.resolve("notes.txt"), "alien");
    Files.writeString(wave.resolve("part-9.parquet"), "PAR1 cut off");

    WrittenImages images =
        run.tables.writeImages(run.rows(GeneratedRows.of(0, 24), 0, 24, 2), 0, "of the living");

    assertThat(images.hold(0, 24)).isTrue();
    // The committer of Spark itself removes the folder of all jobs.
    assertThat(images.removed())
        .hasSize(4)
        .contains("_SUCCESS", "notes.txt", "part-9.parquet")
        .anyMatch(name -> name.startsWith("part-00000-"));
    assertThat(visible("images/wave=0")).hasSize(2);
    assertThat(wave.resolve("_temporary")).doesNotExist();
  }

  @Test
  void tellsTwoWritersIntoOneWaveApart() throws IOException {
    TestRun run = new TestRun(session, folder);
    Dataset<Row> other = run.rows(GeneratedRows.of(0, 24), 0, 24, 1);
    Path foreign = folder.resolve("foreign");
    new TestRun(session, foreign).tables.writeImages(other, 0, "theirs");
    String theirs = onlyFile(foreign.resolve("images/wave=0")).toString();
    String ours = folder.resolve("images/wave=0").toString();

    // Their file comes while ours are written.
    Dataset<Row> rows =
        run.rows(GeneratedRows.of(0, 24), 0, 24, 2)
            .mapPartitions(
                (org.apache.spark.api.java.function.MapPartitionsFunction<Row, Row>)
                    iterator -> {
                      copy(theirs, ours);
                      return iterator;
                    },
                Encoders.row(GeneratedRows.schema()));
    WrittenImages images = run.tables.writeImages(rows, 0, "ours");

    assertThat(images.hold(0, 24)).isTrue();
    assertThat(images.removed()).containsExactly(Path.of(theirs).getFileName().toString());
  }

  @Test
  void writesARowOfLatencyForEachBatchAndScale() throws IOException {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 22, 2);
    run.write(1, 22, 40, 2);

    List<Row> rows =
        session
            .read()
            .parquet(folder.resolve("latency").toString())
            .orderBy("wave", "batch_id", "scale")
            .collectAsList();

    assertThat(rows).hasSize(3 * (6 + 5));
    assertThat(rows)
        .filteredOn(row -> row.<Integer>getAs("scale") == 1)
        .extracting(
            row -> row.getAs("wave"), row -> row.getAs("batch_id"), row -> row.getAs("images"))
        .contains(tuple(0, 0L, 4), tuple(0, 5L, 2), tuple(1, 5L, 2), tuple(1, 9L, 4));
    Row row = rows.get(2);
    assertThat(row.schema().fieldNames())
        .containsExactly(
            "run_id",
            "batch_id",
            "batch_size",
            "images",
            "warmup",
            "concurrent_tasks",
            "threads",
            "mode",
            "scale",
            "side",
            "tokens",
            "model",
            "prefill_tokens",
            "ns",
            "kv_bytes",
            "total_ns",
            "vae_ns",
            "encode_ns",
            "shared_scales",
            "share_ns",
            "host",
            "executor",
            "device",
            "attempt",
            "created_at",
            "wave");
    // Sample 0 failed: the second one tells.
    assertThat(row.mkString("|"))
        .isEqualTo(
            "run-1|0|4|4|true|1|2|sync|3|3|9|small|5|2|128|4000|70|30|0|4000|host-1|driver|cpu|0|"
                + new java.sql.Timestamp(1_700_000_000_001L)
                + "|0");
    assertThat(visible("latency/wave=0")).hasSize(1);
    assertThat(visible("latency/wave=1")).hasSize(1);
    try (ParquetRows file = open("latency/wave=1/" + run.records.get(1).latency().get(0).name())) {
      assertThat(file.keys())
          .containsEntry("tandem.write", "write-1")
          .doesNotContainKey("huggingface");
    }
  }

  @Test
  void writesAnEmptyTableOfLatencyWhereNoneWasMeasured() {
    TestRun run = new TestRun(session, folder);
    Dataset<Row> rows =
        run.rows(GeneratedRows.of(0, 8), 0, 8, 1)
            .withColumn(
                "latency",
                org.apache
                    .spark
                    .sql
                    .functions
                    .lit(null)
                    .cast(GeneratedRows.schema().apply("latency").dataType()));

    RecordedWave wave = run.write(0, 0, 8, rows);

    assertThat(wave.latency()).extracting(WrittenFile::rows).containsExactly(0L);
    assertThat(run.check().findings()).isEmpty();
    assertThat(RunLatency.percentiles(session, folder.toString(), run.records)).isEmpty();
  }

  @Test
  void sumsUpLatencyPerImageWithoutTheWarmUp() {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 40, 2);

    // Batches 1 to 9 of four samples, each of 4000 ns and its number.
    assertThat(RunLatency.percentiles(session, folder.toString(), run.records))
        .contains(new LatencyPercentiles(Math.round(4005 / 4.0), Math.round(4009 / 4.0)));
  }

  /** Of two writers of a wave, one of which lost the run, its own files go and no others. */
  @Test
  void aWriterThatLostTheRunRemovesItsFilesAlone() {
    TestRun run = new TestRun(session, folder);
    run.write(4, 0, 8, 1);
    WaveTables lost =
        new WaveTables(
            session,
            folder.toString(),
            "run-1",
            () -> {
              throw new IllegalStateException("lost");
            });

    assertThatThrownBy(
            () -> lost.writeImages(run.rows(GeneratedRows.of(0, 8), 0, 8, 2), 4, "other"))
        .hasMessage("lost");
    assertThat(run.check().findings()).isNotEmpty();
    assertThat(lost.removeWrite(4, "other")).hasSize(2).allMatch(it -> it.startsWith("images/"));

    assertThat(run.check().findings()).isEmpty();
  }

  @Test
  void foldersOfATaskThatEndedLateAreRemovedAndFilesAreNot() throws IOException {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 8, 1);
    Path wave = folder.resolve("images/wave=0");
    Path attempts = Files.createDirectories(wave.resolve("_temporary/0/_temporary"));
    Files.createDirectories(attempts.resolve("attempt_1"));
    Path theirs = Files.createDirectories(folder.resolve("latency/wave=0/_temporary/1/task_7"));
    Files.writeString(theirs.resolve("part"), "");

    run.tables.removeEmptyFolders(0);

    assertThat(wave.resolve("_temporary")).doesNotExist();
    assertThat(theirs.resolve("part")).exists();
    assertThat(run.check().findings()).isEmpty();
  }

  @Test
  void readsWholeBatchesAroundSamples() {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 22, 2);
    run.write(1, 22, 40, 1);

    var batches =
        SampleRows.read(
            session,
            folder.toString(),
            run.records,
            List.of(2L, 21L, 500L),
            GeneratedRows.BATCH_SIZE,
            Set.of());

    assertThat(batches.keySet()).containsExactly(0L, 5L);
    assertThat(batches.get(5L))
        .extracting(StoredSample::sampleIndex, sample -> sample.place().wave())
        .containsExactly(tuple(20L, 0), tuple(21L, 0), tuple(22L, 1), tuple(23L, 1));
    assertThat(batches.get(0L).get(0).place().status()).isEqualTo("failed");
    assertThat(batches.get(0L).get(0).pixelsSha256()).isEmpty();
    StoredSample second = batches.get(0L).get(1);
    assertThat(second.place()).isEqualTo(new StoredSample.Place(0, 0, 4, 1, "ok", "cpu"));
    assertThat(second.classId()).isEqualTo(1);
    assertThat(second.seed()).isEqualTo(42);
    assertThat(second.tokensSha256()).contains(GeneratedRows.tokensSha256(1));
    assertThat(second.pixelsSha256()).contains(GeneratedRows.of(0, 8).picture(1).sha256());
  }

  private static void copy(String file, String folder) throws IOException {
    Path from = Path.of(file);
    Path to = Path.of(folder).resolve(from.getFileName());
    if (!Files.exists(to)) {
      Files.copy(from, to);
    }
  }

  private ParquetRows open(String file) throws IOException {
    return ParquetRows.open(
        new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve(file).toUri()));
  }

  private long size(String file) {
    try {
      return Files.size(folder.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Path> visible(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      return files.filter(file -> WaveFolder.visible(file.getFileName().toString())).toList();
    }
  }

  private static Path onlyFile(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> WaveFolder.visible(file.getFileName().toString()))
          .findFirst()
          .orElseThrow();
    }
  }
}
