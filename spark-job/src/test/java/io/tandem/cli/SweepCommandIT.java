package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.spark.EmbeddedSpark;
import io.tandem.table.MetricsTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A sweep over tiny models, from the first start to the page. Tests go on where others ended. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SweepCommandIT {

  private static final List<String> POINTS =
      List.of("plain", "draft-1", "draft-2", "draft-3", "reverse", "three");

  @TempDir static Path folder;

  private static SharedSpark spark;
  private static Path config;
  private static Path out;

  @BeforeAll
  static void write() throws IOException {
    spark = SharedSpark.open(folder.resolve("steps"), Map.of());
    config = folder.resolve("study.conf");
    out = folder.resolve("sweep");
    Files.writeString(
        config,
        """
        model = { big = "%s", small = "%s" }
        vae = "%s"
        images = 20
        batch-size = 4
        wave-images = 8
        precision = fp32
        points = [
          { name = plain, model = ["big=%1$s"], plan = "big:1-4" }
          { name = draft-1, plan = "big:1,small:2-4" }
          { name = draft-2, plan = "big:1-2,small:3-4" }
          { name = draft-3, plan = "big:1-3,small:4" }
          { name = reverse, plan = "small:1-2,big:3-4" }
          { name = three, plan = "big:1-2,other:3,small:4",
            model = ["big=%1$s", "small=%2$s", "other=%1$s"] }
        ]
        """
            .formatted(TinyModels.LARGE, TinyModels.SMALL, TinyModels.VAE));
  }

  @AfterAll
  static void close() {
    spark.close();
  }

  @Test
  @Order(1)
  void makesEachPointAsARunOfItsOwn() throws IOException {
    Ran ran = sweep("--metrics", "none");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains("group      plain, draft-1, draft-2, draft-3, three: ", " together (bound 0.")
        .contains("group      reverse: ")
        .contains("6 of 6 points are there");
    for (String point : POINTS) {
      assertThat(StoredRun.samples(point(point))).as(point).hasSize(20);
      assertThat(StoredRun.tree(point(point)))
          .contains("run.json", "status.json", "_waves/0.json", "_waves/2.json")
          .contains("contact-sheet.png")
          .noneMatch(file -> file.contains("_lock"));
    }
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("All points are there", "Point reverse", "What points share");
  }

  @Test
  @Order(2)
  void pointsAreWhatSeparateRunsMake() {
    Map<String, List<String>> plans = new TreeMap<>();
    plans.put("draft-1", List.of("--plan", "big:1,small:2-4"));
    plans.put("draft-3", List.of("--plan", "big:1-3,small:4"));
    plans.put("reverse", List.of("--plan", "small:1-2,big:3-4"));
    plans.put(
        "three",
        List.of("--plan", "big:1-2,other:3,small:4", "--model", "other=" + TinyModels.LARGE));
    plans.forEach(
        (point, plan) -> {
          Path alone = folder.resolve("alone-" + point);
          List<String> args =
              new ArrayList<>(
                  List.of(
                      "generate",
                      "--model=big=" + TinyModels.LARGE,
                      "--model=small=" + TinyModels.SMALL,
                      "--vae=" + TinyModels.VAE,
                      "--images=20",
                      "--batch-size=4",
                      "--precision=fp32",
                      "--out=" + alone));
          args.addAll(plan);
          Ran ran = Ran.tandem(args.toArray(String[]::new));
          assertThat(ran.exitCode()).as(ran.err()).isZero();

          assertThat(StoredRun.samples(point(point))).as(point).isEqualTo(StoredRun.samples(alone));
        });
  }

  @Test
  @Order(3)
  void otherCommandsTakeAPointForARun() {
    String run = point("draft-2").toString();

    Ran verified = Ran.tandem("verify", "--run", run, "--samples", "4");
    assertThat(verified.out()).as(verified.err()).contains("; 0 findings", "verdict    good");
    Ran page = Ran.tandem("report", "--run", run, "--out", folder.resolve("point.html").toString());
    assertThat(page.exitCode()).as(page.err()).isZero();
    Ran export =
        Ran.tandem("export", "--run", run, "--format=npz", "--out=" + folder.resolve("set.npz"));
    assertThat(export.exitCode()).as(export.err()).isZero();
    Ran again =
        Ran.tandem(
            "generate",
            "--model=big=" + TinyModels.LARGE,
            "--model=small=" + TinyModels.SMALL,
            "--plan=big:1-2,small:3-4",
            "--vae=" + TinyModels.VAE,
            "--images=20",
            "--batch-size=4",
            "--precision=fp32",
            "--out=" + run);
    assertThat(again.out()).as(again.err()).contains("everything is there: 20 images");
  }

  @Test
  @Order(4)
  void latencyTellsWhatWasShared() {
    List<Row> rows =
        StoredRun.rows(
            point("draft-3"), "latency", "scale", "shared_scales", "share_ns < total_ns", "mode");

    assertThat(rows).isNotEmpty();
    assertThat(rows).allMatch(row -> row.getInt(1) == 3);
    assertThat(rows).allMatch(row -> row.getBoolean(2) && row.getString(3).equals("sync"));
    assertThat(StoredRun.rows(point("reverse"), "latency", "shared_scales", "share_ns = total_ns"))
        .allMatch(row -> row.getInt(0) == 0 && row.getBoolean(1));
  }

  @Test
  @Order(5)
  void goesOnAtThePointAndTheWaveWhereItStopped() throws IOException {
    Map<String, Map<Long, String>> before = new TreeMap<>();
    for (String point : POINTS) {
      before.put(point, StoredRun.samples(point(point)));
    }
    // as after a kill: some points lack their last wave, one lacks two, leftovers without a record
    for (String point : List.of("draft-1", "draft-3")) {
      Files.delete(point(point).resolve("_waves/2.json"));
    }
    Files.delete(point("draft-3").resolve("_waves/1.json"));
    delete(point("reverse"));
    Map<Path, FileTime> kept = records();

    Ran ran = sweep("--metrics", "none");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    for (String point : POINTS) {
      assertThat(StoredRun.samples(point(point))).as(point).isEqualTo(before.get(point));
    }
    for (Map.Entry<Path, FileTime> record : kept.entrySet()) {
      assertThat(Files.getLastModifiedTime(record.getKey())).isEqualTo(record.getValue());
    }
  }

  @Test
  @Order(6)
  void aPointThatFailsLeavesTheOthersAlone() throws IOException {
    delete(point("draft-1"));
    delete(point("draft-2"));
    Files.createDirectories(point("draft-1"));
    Files.writeString(point("draft-1").resolve("notes.txt"), "somebody's");

    Ran ran = sweep("--metrics", "none");

    assertThat(ran.exitCode()).isEqualTo(4);
    assertThat(ran.out())
        .contains(
            "failed     draft-1: Cannot write to '%s': it is no folder of a run, and there is"
                    .formatted(point("draft-1"))
                + " 'notes.txt' in it",
            "5 of 6 points are there");
    assertThat(StoredRun.samples(point("draft-2"))).hasSize(20);
    assertThat(StoredRun.rows(out, "sweep", "point", "state", "message").get(1).mkString("|"))
        .startsWith("draft-1|failed|Cannot write to ");
    Files.delete(point("draft-1").resolve("notes.txt"));
    assertThat(sweep("--metrics", "none").exitCode()).isZero();
  }

  @Test
  @Order(7)
  void evaluationsThatAreThereCountAndMakeTheFrontier() throws Exception {
    // the slower the better, so that all of them are on the frontier
    List<String> slowestFirst =
        StoredRun.rows(out, "sweep", "point", "images_per_second").stream()
            .sorted(Comparator.comparingDouble(row -> row.getDouble(1)))
            .map(row -> row.getString(0))
            .toList();
    try (EmbeddedSpark session = EmbeddedSpark.open(1)) {
      for (String point : POINTS) {
        double fid = 40.0 + slowestFirst.indexOf(point);
        MetricsTable.append(session.session(), point(point).toString(), evaluated(fid));
      }
    }

    Ran ran = sweep("--metrics", "fid", "--reference", "there.npz", "--profile", "demo");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.err()).doesNotContain("evaluating");
    assertThat(ran.out()).contains("40.00 +- 0.5000", "frontier   ");
    List<Row> table =
        StoredRun.rows(
            out, "sweep", "point", "fid", "fid_error", "on_frontier", "images", "settings['plan']");
    assertThat(table).hasSize(6);
    assertThat(table.get(0).mkString("|"))
        .isEqualTo("plain|%.1f|0.5|true|20|big:1-4", 40.0 + slowestFirst.indexOf("plain"));
    Ran report = Ran.tandem("report", out.toString());
    assertThat(report.exitCode()).as(report.err()).isZero();
    assertThat(Files.readString(out.resolve("report.html")))
        .contains(
            "FID against images per second",
            "class='frontier'",
            "least FID, " + slowestFirst.get(0));
  }

  private static MetricsTable.MetricsRow evaluated(double fid) {
    return new MetricsTable.MetricsRow(
        Instant.now(),
        Map.of(
            "run_id", "run",
            "profile", "demo",
            "network", "demo",
            "weights_sha256", "0",
            "images_sha256", "0",
            "reference", "there.npz",
            "reference_sha256", "0",
            "reference_identity", ""),
        Map.of(
            "samples", 20L,
            "failed", 0L,
            "unusable", 0L,
            "dimension", 64L,
            "reference_samples", 100L),
        Map.of("fid", fid, "fid_error", 0.5, "seconds", 1.0),
        List.of(),
        Map.of());
  }

  private static Ran sweep(String... more) {
    List<String> args =
        new ArrayList<>(List.of("sweep", "--config", config.toString(), "--out", out.toString()));
    args.addAll(List.of(more));
    return Ran.tandem(args.toArray(String[]::new));
  }

  private static Path point(String name) {
    return out.resolve("points").resolve(name);
  }

  private static Map<Path, FileTime> records() throws IOException {
    Map<Path, FileTime> records = new TreeMap<>();
    try (Stream<Path> files = Files.walk(out)) {
      for (Path file :
          files.filter(each -> each.toString().matches(".*_waves/\\d+.json")).toList()) {
        records.put(file, Files.getLastModifiedTime(file));
      }
    }
    return records;
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
