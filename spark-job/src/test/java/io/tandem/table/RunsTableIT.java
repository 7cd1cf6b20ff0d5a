package io.tandem.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.spark.EmbeddedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunsTableIT {

  private static final List<String> SETTINGS =
      List.of("spark.hadoop.fs.s3a.secret.key", "spark.tandem.probe");

  private static EmbeddedSpark spark;
  private static SparkSession session;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    SETTINGS.forEach(setting -> System.setProperty(setting, "planted-value"));
    spark = EmbeddedSpark.open(1);
    session = spark.session();
  }

  @AfterAll
  static void stop() {
    spark.close();
    SETTINGS.forEach(System::clearProperty);
  }

  @Test
  void addsARowForEachStart() throws IOException {
    Instant start = Instant.parse("2026-11-20T17:23:17.123456Z");
    RunsTable.append(session, folder.toString(), row(start, 5, Optional.empty()));
    String second =
        RunsTable.append(
            session,
            folder.toString(),
            row(start.plusSeconds(60), 0, Optional.of(new LatencyPercentiles(5, 9))));

    List<Row> rows =
        session
            .read()
            .parquet(folder.resolve("runs").toString())
            .orderBy("started_at")
            .collectAsList();

    assertThat(second).matches("runs/2026-11-20T172417Z-[0-9a-f-]{36}\\.parquet");
    assertThat(rows).hasSize(2);
    Row row = rows.get(1);
    assertThat(row.<Timestamp>getAs("started_at").toInstant()).isEqualTo(start.plusSeconds(60));
    assertThat(row.<Timestamp>getAs("ended_at").toInstant()).isEqualTo(start.plusSeconds(70));
    assertThat(row.<Integer>getAs("exit_code")).isZero();
    assertThat(row.getJavaMap(row.fieldIndex("settings")))
        .isEqualTo(Map.of("seed", "42", "guidance", "1.5"));
    assertThat(row.getJavaMap(row.fieldIndex("identity"))).isEqualTo(Map.of("precision", "fp32"));
    assertThat(row.getJavaMap(row.fieldIndex("versions"))).isEqualTo(Map.of("spark", "3.5.9"));
    assertThat(row.getList(row.fieldIndex("weights")).toString())
        .isEqualTo("[[big,random:4,17,abc], [vae,/models/vae.pth,18,def]]");
    assertThat(row.<String>getAs("plan")).isEqualTo("big:1-8,small:9-10");
    assertThat(row.<String>getAs("machine")).isEqualTo("2 cores");
    assertThat(row.<Long>getAs("images")).isEqualTo(198);
    assertThat(row.<Long>getAs("failed")).isEqualTo(2);
    assertThat(row.<Double>getAs("images_per_second")).isEqualTo(4.25);
    assertThat(row.<Long>getAs("latency_per_image_p50_ns")).isEqualTo(5);
    assertThat(row.<Long>getAs("latency_per_image_p95_ns")).isEqualTo(9);
    assertThat(rows.get(0).isNullAt(rows.get(0).fieldIndex("latency_per_image_p50_ns"))).isTrue();
    try (Stream<Path> files = Files.list(folder.resolve("runs"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".tmp"))).isEmpty();
    }
  }

  @Test
  void hidesSettingsBySparksOwnRule() throws IOException {
    String name =
        RunsTable.append(session, folder.toString(), row(Instant.EPOCH, 0, Optional.empty()));

    Row row = session.read().parquet(folder.resolve(name).toString()).first();

    Map<String, String> conf = row.getJavaMap(row.fieldIndex("conf"));
    assertThat(conf)
        .containsEntry("spark.hadoop.fs.s3a.secret.key", "*********(redacted)")
        .containsEntry("spark.tandem.probe", "planted-value")
        .containsEntry("spark.app.name", "tandem");
    Redaction rule = Redaction.of(session);
    assertThat(rule.redacted(Map.of("a", "my-Password", "b", "plain", "access.key", "x")))
        .isEqualTo(
            Map.of("a", "*********(redacted)", "b", "plain", "access.key", "*********(redacted)"));
  }

  private static RunRow row(Instant start, int exitCode, Optional<LatencyPercentiles> latency) {
    return new RunRow(
        "run-1",
        new RunRow.Ending(start, start.plusSeconds(10), exitCode),
        new RunRow.Setup(
            Map.of("seed", "42", "guidance", "1.5"),
            Map.of("precision", "fp32"),
            "big:1-8,small:9-10"),
        List.of(
            new RunRow.Weights("big", "random:4", 17, "abc"),
            new RunRow.Weights("vae", "/models/vae.pth", 18, "def")),
        new RunRow.Place("2 cores", Map.of("spark", "3.5.9")),
        new RunRow.Result(198, 2, 4.25, latency));
  }
}
