package io.tandem.table;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.executor.ImagesSchema;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.SessionSettings;
import io.tandem.table.LakeTable.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Waves in tables of Delta and Iceberg: each row once, whatever is done twice. */
class LakeWavesIT {

  private static final String RUN = "run-1";
  private static final int WAVE_IMAGES = 8;

  @TempDir static Path folder;

  private static EmbeddedSpark spark;
  private static SparkSession session;

  @BeforeAll
  static void start() {
    spark = EmbeddedSpark.open(SessionSettings.of(2, LakeSettings.of(folder)));
    session = spark.session();
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @ParameterizedTest
  @EnumSource
  void wavesInAnyOrderAndTwiceAreThereOnce(Format format) throws IOException {
    LakeTable table = LakeSettings.table(format, folder, "order");
    LakeWaves waves = opened(table);
    for (int wave : List.of(6, 8, 7)) {
      waves.commit(wave(wave), written(wave));
    }

    // As a driver does that was suspended meanwhile, with files of its own.
    for (int wave : List.of(7, 6, 8)) {
      waves.commit(wave(wave), written(wave));
    }

    assertThat(samples(table)).containsExactlyElementsOf(LongStream.range(48, 72).boxed().toList());
    assertThat(waves.counts(RUN)).isEqualTo(new TreeMap<>(Map.of(6, 8L, 7, 8L, 8, 8L)));
    assertThat(waves.counts("run-2")).isEmpty();
    assertThat(waves.holds(wave(7))).isTrue();
    assertThat(waves.holds(new WaveOfRun(RUN, 7, new SampleRange(56, 63)))).isFalse();
    if (format == Format.DELTA) {
      assertThat(session.sql("DESCRIBE HISTORY " + table.sql()).count()).isEqualTo(4);
      assertThat(transactions(table))
          .containsExactlyInAnyOrder("run-1/6 1", "run-1/7 1", "run-1/8 1");
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachColumnIsThatOfTheFilesAndHasItsComment(Format format) {
    LakeTable table = LakeSettings.table(format, folder, "columns");
    LakeWaves waves = opened(table);
    List<String> files = written(9);
    waves.commit(wave(9), files);

    List<Row> inFiles =
        session
            .read()
            .parquet(files.toArray(String[]::new))
            .orderBy("sample_index")
            .collectAsList();
    assertThat(inFiles).hasSize(WAVE_IMAGES).anyMatch(row -> row.isNullAt(5));
    assertThat(waves.rows(wave(9), Long.MAX_VALUE).collectAsList()).isEqualTo(inFiles);
    StructType columns = session.table(table.sql()).schema();
    assertThat(columns.fieldNames()).hasSize(22).endsWith("features", "wave");
    assertThat(columns.fields()).allSatisfy(it -> assertThat(it.getComment().isDefined()).isTrue());
    for (StructField field : ImagesSchema.schema().fields()) {
      assertThat(columns.apply(field.name()).getComment()).isEqualTo(field.getComment());
    }
    StructType image = (StructType) columns.apply("image").dataType();
    assertThat(image.apply("bytes").getComment().get()).isEqualTo("the file");
  }

  @ParameterizedTest
  @EnumSource
  void compactionAndExpiryBetweenTwoCommitsChangeNothing(Format format) {
    LakeTable table = LakeSettings.table(format, folder, "kept");
    LakeWaves waves = opened(table);
    waves.commit(wave(3), written(3));
    waves.commit(wave(4), written(4));

    LakeSettings.maintain(session, table);

    assertThat(waves.holds(wave(3))).isTrue();
    waves.commit(wave(3), written(3));
    assertThat(samples(table)).containsExactlyElementsOf(LongStream.range(24, 40).boxed().toList());
  }

  /** The name of the commit is known to Delta, and the rows are gone all the same. */
  @ParameterizedTest
  @EnumSource
  void rowsThatWereRemovedAreCommittedAgain(Format format) {
    LakeTable table = LakeSettings.table(format, folder, "removed");
    LakeWaves waves = opened(table);
    waves.commit(wave(2), written(2));
    session.sql("DELETE FROM " + table.sql() + " WHERE run_id = 'run-1' AND wave = 2");
    assertThat(waves.holds(wave(2))).isFalse();

    waves.commit(wave(2), written(2));

    assertThat(samples(table)).containsExactlyElementsOf(LongStream.range(16, 24).boxed().toList());
  }

  @ParameterizedTest
  @EnumSource
  void aTableWithOtherColumnsIsRefused(Format format) {
    LakeTable table = LakeSettings.table(format, folder, "other");
    if (format == Format.ICEBERG) {
      session.sql("CREATE NAMESPACE IF NOT EXISTS lake.sets");
    }
    session.sql(
        "CREATE TABLE %s (run_id STRING, wave INT, sample_index INT) USING %s"
            .formatted(table.sql(), format));

    assertThatThrownBy(() -> LakeWaves.open(session, table, ImagesSchema.schema()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write to %s table '%s': its column 'sample_index' is int (bigint is needed),"
                + " and there are 19 differences more. Name a table that generate made, or one that"
                + " is not there yet, with --out.",
            format.label(), table.name());
  }

  @ParameterizedTest
  @EnumSource
  void aTableWithOtherPartitionsIsRefused(Format format) {
    LakeTable table = LakeSettings.table(format, folder, "whole");
    LakeWaves waves = opened(LakeSettings.table(format, folder, "like"));
    session.sql(
        waves
            .creation()
            .replace(LakeSettings.table(format, folder, "like").sql(), table.sql())
            .replace("PARTITIONED BY (run_id, wave)", "PARTITIONED BY (seed)"));

    assertThatThrownBy(() -> LakeWaves.open(session, table, ImagesSchema.schema()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write to %s table '%s': it is partitioned by seed (run_id, wave is needed,"
                + " for a commit takes the place of the files of its wave). Name a table that"
                + " generate made, or one that is not there yet, with --out.",
            format.label(), table.name());
  }

  private static LakeWaves opened(LakeTable table) {
    LakeWaves waves = LakeWaves.open(session, table, ImagesSchema.schema());
    waves.create();
    return waves;
  }

  private static WaveOfRun wave(int wave) {
    long first = (long) wave * WAVE_IMAGES;
    return new WaveOfRun(RUN, wave, new SampleRange(first, first + WAVE_IMAGES));
  }

  /** Returns the files of a wave, which are written anew. */
  private static List<String> written(int wave) {
    Path run = folder.resolve("run-" + UUID.randomUUID());
    SampleRange samples = wave(wave).samples();
    WrittenImages images =
        new WaveTables(session, run.toString(), RUN)
            .writeImages(
                ImagesSchema.commented(
                    WaveTables.rows(
                        session,
                        new SampleRange(2L * wave, 2L * wave + 2),
                        2,
                        GeneratedRows.of(samples.first(), samples.end()),
                        GeneratedRows.schema())),
                wave,
                "w");
    assertThat(images.hold(samples.first(), samples.end())).isTrue();
    return images.files().stream()
        .map(file -> run.resolve("images/wave=" + wave).resolve(file.name()).toString())
        .toList();
  }

  private static List<Long> samples(LakeTable table) {
    session.sql("REFRESH TABLE " + table.sql());
    return session
        .table(table.sql())
        .orderBy(col("sample_index"))
        .select("sample_index")
        .collectAsList()
        .stream()
        .map(row -> row.getLong(0))
        .toList();
  }

  private static List<String> transactions(LakeTable table) throws IOException {
    Path log = Path.of(java.net.URI.create(table.name())).resolve("_delta_log");
    try (Stream<Path> files = Files.list(log)) {
      List<String> names =
          files.map(Path::toString).filter(name -> name.endsWith(".json")).toList();
      return session
          .read()
          .json(names.toArray(String[]::new))
          .where("txn is not null")
          .selectExpr("txn.appId || ' ' || txn.version")
          .collectAsList()
          .stream()
          .map(row -> row.getString(0))
          .toList();
    }
  }
}
