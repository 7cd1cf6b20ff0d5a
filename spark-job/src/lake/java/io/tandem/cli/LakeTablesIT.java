package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.fault.Fault;
import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import io.tandem.table.LakeSettings;
import io.tandem.table.LakeTable;
import io.tandem.table.LakeTable.Format;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs whose images are in a table of Delta or Iceberg: the data set of the run in files. */
class LakeTablesIT {

  @TempDir static Path folder;

  private static SharedSpark spark;
  private static Map<Long, String> plain;

  @BeforeAll
  static void makeThePlainRun() {
    spark = SharedSpark.open(folder.resolve("steps"), LakeSettings.of(folder));
    Path run = folder.resolve("plain/run");
    Ran ran = SmallSet.here(run.toString());
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    plain = StoredRun.samples(run);
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @ParameterizedTest
  @EnumSource
  void aTableHoldsTheRowsOfManyRuns(Format format) {
    LakeTable table = LakeSettings.table(format, folder, "many");
    Path state = folder.resolve(format + "-many/run");
    Path other = folder.resolve(format + "-other/run");

    Ran ran = Ran.tandem(command(table, state));
    Ran second = Ran.tandem(command(table, other, "--seed", "7"));

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(second.exitCode()).as(second.err()).isZero();
    assertThat(ran.out()).contains("24 of 24 are there", "table      " + table.name());
    assertThat(samples(table, state)).isEqualTo(plain);
    assertThat(samples(table, other))
        .hasSize(SmallSet.IMAGES)
        .doesNotContainEntry(0L, plain.get(0L));
    assertThat(StoredRun.tree(state))
        .noneMatch(it -> it.startsWith("images/") || it.startsWith("_read"))
        .contains("contact-sheet.png", "_waves/2.json", "latency/wave=2");
    Ran again = Ran.tandem(command(table, state));
    assertThat(again.out()).contains("everything is there: 24 images");
    Ran verified = SmallSet.verify(state.toString(), 2);
    assertThat(verified.out())
        .as(verified.err())
        .contains("; 0 findings", "made again, all the same", "verdict    good");
    Ran exported =
        Ran.tandem(
            "export",
            "--run",
            state.toString(),
            "--format",
            "npz",
            "--out",
            folder.resolve(format + ".npz").toString());
    assertThat(exported.exitCode()).as(exported.err()).isZero();
    assertThat(StoredRun.tree(state)).noneMatch(it -> it.startsWith("_read"));
  }

  /** The table is compacted and its past removed before the same command goes on. */
  @ParameterizedTest
  @EnumSource
  void aDriverKilledBetweenCommitAndRecordLosesAndDoublesNothing(Format format) throws Exception {
    LakeTable table = LakeSettings.table(format, folder, "killed");
    Path here = Files.createDirectories(folder.resolve(format + "-killed"));
    Path state = here.resolve("run");
    LauncherRun launcher =
        LauncherRun.local(here)
            .jars("delta|guava|iceberg")
            .with(new Fault(Operation.RENAME, "_waves/.*1.json", 1, Moment.BEFORE, Effect.HALT));
    LakeSettings.of(folder).forEach(launcher::set);
    Ran killed = launcher.run(List.of(command(table, Path.of("fault:" + state))));
    assertThat(killed.exitCode()).as(killed.err()).isEqualTo(137);
    assertThat(state.resolve("_waves/1.json")).doesNotExist();
    List<Row> before = wave(table, state, 1);
    assertThat(before).hasSize(8);

    LakeSettings.maintain(SparkSession.active(), table);
    Ran ran = Ran.tandem(command(table, Path.of("fault:" + state)));

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(samples(table, state)).isEqualTo(plain);
    assertThat(wave(table, state, 1)).as("its rows stay as they were").isEqualTo(before);
    assertThat(SmallSet.verify(state.toString(), 0).out())
        .contains("; 0 findings", "verdict    good");
  }

  @ParameterizedTest
  @MethodSource
  void whatCannotBeIsAMessageAndNothingIsWritten(Format format, String name, String message) {
    Path state = folder.resolve("nothing");

    Ran ran =
        Ran.tandem(
            SmallSet.command(name, "--table", format.toString(), "--state", state.toString())
                .toArray(String[]::new));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).isEqualTo(message + System.lineSeparator());
    assertThat(state).doesNotExist();
  }

  static Stream<Arguments> whatCannotBeIsAMessageAndNothingIsWritten() {
    return Stream.of(
        arguments(
            Format.ICEBERG,
            "nowhere.sets.shapes",
            "Cannot write to Iceberg table 'nowhere.sets.shapes': Spark knows no catalog 'nowhere'."
                + " Set spark.sql.catalog.nowhere=org.apache.iceberg.spark.SparkCatalog, and"
                + " spark.sql.catalog.nowhere.type and what it asks for."),
        arguments(
            Format.DELTA,
            "nowhere.sets.shapes",
            "Cannot write to Delta table 'nowhere.sets.shapes': Spark knows no catalog 'nowhere'."
                + " Set spark.sql.catalog.nowhere to the class of the catalog."),
        arguments(
            Format.DELTA,
            "sets.shapes",
            "Cannot write to Delta table 'sets.shapes': the catalog of this session forgets its"
                + " tables when it ends. Set spark.sql.catalogImplementation=hive, name a catalog"
                + " that stays (catalog.database.table), or pass the address of a folder."));
  }

  @Test
  void aTableOfSomethingElseIsAnErrorWithExitCodeTwo() {
    LakeTable table = LakeSettings.table(Format.ICEBERG, folder, "else");
    SparkSession.active().sql("CREATE NAMESPACE IF NOT EXISTS lake.sets");
    SparkSession.active().sql("CREATE TABLE lake.sets.else (id BIGINT) USING iceberg");
    Path state = folder.resolve("nothing-else");

    Ran ran = Ran.tandem(command(table, state));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .contains("Cannot write to Iceberg table 'lake.sets.else': it has no column 'run_id'");
    assertThat(state).doesNotExist();
  }

  private static String[] command(LakeTable table, Path state, String... more) {
    List<String> options =
        new ArrayList<>(List.of("--table", table.format().toString(), "--state", state.toString()));
    options.addAll(List.of(more));
    return SmallSet.command(table.name(), options.toArray(String[]::new)).toArray(String[]::new);
  }

  private static Map<Long, String> samples(LakeTable table, Path state) {
    Map<Long, String> samples = new TreeMap<>();
    for (Row row :
        rows(table, state, "sample_index", "class_id", "pixels_sha256", "tokens_sha256")) {
      String text = row.getInt(1) + " " + row.getString(2) + " " + row.getString(3);
      assertThat(samples.put(row.getLong(0), text)).as("sample %d", row.getLong(0)).isNull();
    }
    return samples;
  }

  private static List<Row> wave(LakeTable table, Path state, int wave) {
    return rows(table, state, "sample_index", "wave", "created_at", "worker").stream()
        .filter(row -> row.getInt(1) == wave)
        .toList();
  }

  private static List<Row> rows(LakeTable table, Path state, String... columns) {
    String name = table.format() == Format.DELTA ? "delta.`" + table.name() + "`" : table.name();
    SparkSession session = SparkSession.active();
    session.sql("REFRESH TABLE " + name);
    return session
        .table(name)
        .where("run_id = '" + runId(state) + "'")
        .selectExpr(columns)
        .orderBy("sample_index")
        .collectAsList();
  }

  private static String runId(Path state) {
    try {
      return Files.readString(state.resolve("run.json"))
          .replaceFirst("(?s).*\"run_id\"\\s*:\\s*\"([^\"]+)\".*", "$1");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
