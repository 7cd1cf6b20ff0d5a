package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.features.FeatureExtractor;
import io.tandem.features.FeatureRows;
import io.tandem.features.Profile;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.FrechetDistance;
import io.tandem.fid.Reference;
import io.tandem.fid.ReferenceFile;
import io.tandem.image.RgbImage;
import io.tandem.kernel.LibTorchAlgebra;
import io.tandem.model.DeviceSpec;
import io.tandem.pack.TinyPack;
import io.tandem.scores.Balls;
import io.tandem.scores.InceptionScore;
import io.tandem.scores.PrecisionRecall;
import io.tandem.scores.SplitRule;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All of it with a tiny feature network and two slots. */
class EvaluateCommandIT {

  /** Two blocks of moments, six chunks of features. */
  private static final int IMAGES = 1_010;

  /** Three chunks. */
  private static final int SOME = 410;

  private static final int SIGTERM = 15;

  @TempDir static Path folder;

  private static EmbeddedSpark spark;
  private static String network;
  private static List<RgbImage> pictures;
  private static Path table;
  private static Path reference;
  private static Ran made;

  @BeforeAll
  static void makeAReference() throws IOException {
    TinyPack.writeLeast(folder);
    network = "inception:" + folder.resolve("features.safetensors");
    spark = EmbeddedSpark.open(2);
    pictures = EvaluatedPictures.shapes(1, IMAGES);
    table = EvaluatedPictures.table(spark.session(), folder.resolve("table"), pictures, 3);
    Path real = EvaluatedPictures.folder(folder.resolve("real"), EvaluatedPictures.shapes(2, 300));
    reference = folder.resolve("reference.npz");
    made =
        Ran.tandem(
            "reference",
            "--images=" + real,
            "--features=" + network,
            "--profile=demo",
            "--out=" + reference);
    assertThat(made.exitCode()).as(made.err()).isZero();
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  private static Ran evaluate(Path images, Path json, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "evaluate",
                "--images=" + images,
                "--reference=" + reference,
                "--features=" + network,
                "--profile=demo",
                "--json=" + json));
    args.addAll(List.of(more));
    Ran ran = Ran.tandem(args.toArray(String[]::new));
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    return ran;
  }

  @Test
  void aSignalEndsItWithoutAStackTraceAndLeavesFinishedFeatures() throws Exception {
    Path place = Files.createDirectories(folder.resolve("signal"));
    Path cache = place.resolve("cache");
    Path out = place.resolve("statistics.npz");
    Ran stopped;
    try (SparkSubmitRun.Running running =
        LauncherRun.local(place)
            .start(
                List.of(
                    "reference",
                    "--images=" + table,
                    "--features=inception:random",
                    "--cache=" + cache,
                    "--out=" + out))) {
      while (chunks(cache) == 0 && running.driver().isAlive()) {
        Thread.sleep(50);
      }
      running.driver().destroy();
      stopped = running.end();
    }

    assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(128 + SIGTERM);
    assertThat(stopped.err()).contains("stopped by a signal").doesNotContain("Exception");
    assertThat(out).doesNotExist();
    assertThat(chunks(cache)).isPositive();
  }

  private static long chunks(Path cache) throws IOException {
    if (Files.notExists(cache)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(cache)) {
      return files.filter(file -> file.getFileName().toString().matches("chunk-.*parquet")).count();
    }
  }

  @Test
  void agreesWithAPlainComputation() {
    Path json = folder.resolve("plain.json");

    Ran ran = evaluate(table, json, "--metrics=fid,is,pr,kid,fid-infinity");

    JsonNode values = EvaluatedPictures.json(json).get("values");
    LibTorchAlgebra algebra = new LibTorchAlgebra();
    List<float[]> features = new ArrayList<>();
    InceptionScore score = new InceptionScore(SplitRule.WHOLE, 10, IMAGES);
    try (WeightSource source = WeightSources.features(network);
        FeatureExtractor plain = FeatureExtractor.load(source, Profile.DEMO, DeviceSpec.CPU)) {
      FeatureRows rows = plain.rows(pictures);
      for (int i = 0; i < IMAGES; i++) {
        features.add(rows.features(i));
        score.add(i, rows.logits(i));
      }
    }
    Reference real = ReferenceFile.read(reference);
    FeatureSet generated = FeatureSet.of(features);
    double fid =
        FrechetDistance.between(
            real.features(), generated.moments(new double[64]).statistics(), algebra);
    PrecisionRecall.Result shares =
        PrecisionRecall.Result.of(
            List.of(
                PrecisionRecall.Overlap.of(
                    Balls.of(real.sample().orElseThrow(), 3, algebra),
                    Balls.of(generated, 3, algebra),
                    PrecisionRecall.Rule.KYNKAANNIEMI,
                    algebra)),
            300,
            PrecisionRecall.Rule.KYNKAANNIEMI);
    // the tolerances; rounding alone would be some 1e-12
    assertThat(values.get("fid").asDouble()).isCloseTo(fid, within(1e-6));
    assertThat(values.get("is").asDouble()).isCloseTo(score.result().mean(), within(1e-6));
    assertThat(values.get("precision").asDouble() * IMAGES)
        .isCloseTo(shares.precision() * IMAGES, within(2.0));
    assertThat(values.get("recall").asDouble() * 300).isCloseTo(shares.recall() * 300, within(2.0));
    assertThat(values.has("kid")).isTrue();
    assertThat(values.has("fid_infinity")).isTrue();
    assertThat(ran.out())
        .contains("images     " + table + ": 1,010 of 16 x 16, sha256 ")
        .contains("reference  " + reference + ": of 300 images")
        .contains("warning    1,010 images: FID of fewer than 2,048 is far too high");
  }

  @Test
  void saysHowFarItIsFromTheTruth() {
    Path json = folder.resolve("errors.json");

    evaluate(table, json, "--metrics=fid,is");

    JsonNode errors = EvaluatedPictures.json(json).get("errors");
    JsonNode values = EvaluatedPictures.json(json).get("values");
    assertThat(errors.get("fid").asDouble()).isPositive().isLessThan(values.get("fid").asDouble());
    assertThat(errors.get("is").asDouble()).isPositive().isLessThan(values.get("is").asDouble());
  }

  @Test
  void partitionsFilesAndKindsOfSetsChangeNoBit() throws IOException {
    List<RgbImage> some = pictures.subList(0, SOME);
    Path rows = EvaluatedPictures.table(spark.session(), folder.resolve("rows"), some, 3);
    Path files = EvaluatedPictures.folder(folder.resolve("files"), some);
    Path npz = EvaluatedPictures.npz(folder.resolve("batch.npz"), some);
    List<String> values = new ArrayList<>();
    int place = 0;
    for (Path images : List.of(rows, files, npz)) {
      for (int partitions : images.equals(rows) ? new int[] {1, 2, 5} : new int[] {2}) {
        Path json = folder.resolve("bits-" + place + ".json");
        evaluate(
            images,
            json,
            "--metrics=fid,is,pr",
            "--partitions=" + partitions,
            "--cache=" + folder.resolve("bits-" + place++));
        values.add(EvaluatedPictures.json(json).get("values").toString());
      }
    }

    assertThat(values).hasSize(5).containsOnly(values.get(0));
    assertThat(folder.resolve("bits-4")).isDirectoryNotContaining("glob:**_pictures*/*");
  }

  @Test
  void aSecondEvaluationComputesNoFeatures() {
    Path some =
        EvaluatedPictures.table(
            spark.session(), folder.resolve("some"), pictures.subList(0, SOME), 2);
    Path cache = folder.resolve("twice");
    Path first = folder.resolve("first.json");
    Path second = folder.resolve("second.json");

    Ran fresh = evaluate(some, first, "--metrics=fid", "--cache=" + cache);
    Ran again = evaluate(some, second, "--metrics=fid,is", "--cache=" + cache);

    assertThat(fresh.err()).contains("410 samples in 3 chunks, 0 of them computed before");
    assertThat(again.err()).contains("410 samples in 3 chunks, 3 of them computed before");
    assertThat(EvaluatedPictures.json(second).get("values").get("fid"))
        .isEqualTo(EvaluatedPictures.json(first).get("values").get("fid"));
  }

  @Test
  void aReferenceSaysWhatItIsOf() {
    Reference there = ReferenceFile.read(reference);

    assertThat(made.out())
        .contains("wrote      " + reference + ": statistics of 300 images, features of 300");
    assertThat(there.features().count()).hasValue(300);
    assertThat(there.sample().orElseThrow().size()).isEqualTo(300);
    assertThat(there.identity().orElseThrow())
        .contains("profile: demo\ndimension: 64\nimages: " + folder.resolve("real"))
        .contains("samples: 300\nsize: 16 x 16\nimages_sha256: ");
  }

  @Test
  void picturesCanBeTheReference() {
    Path json = folder.resolve("itself.json");

    Ran ran =
        Ran.tandem(
            "evaluate",
            "--images=" + table,
            "--reference=" + table,
            "--features=" + network,
            "--profile=demo",
            "--metrics=fid,pr,kid",
            "--per-class",
            "--json=" + json);

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    JsonNode result = EvaluatedPictures.json(json);
    assertThat(result.get("values").get("fid").asDouble()).isCloseTo(0, within(1e-6));
    assertThat(result.get("values").get("precision").asDouble()).isEqualTo(1);
    assertThat(result.get("findings").get("perClass").get("precision").get("3").asDouble())
        .isEqualTo(1);
    assertThat(result.get("findings").get("perClass").get("kid")).hasSize(10);
  }

  @Test
  void onlyRecordedWavesOfARunCountAndOnlyNewOnesAreComputed() throws IOException {
    Path run = folder.resolve("run");
    generate(run, 210);
    Path json = folder.resolve("run.json");

    Ran first = evaluate(run, json, "--metrics=fid", "--errors=none");
    generate(run, 230);
    Ran longer = evaluate(run.resolve("images"), json, "--metrics=fid", "--errors=none");
    String fidOfAll = EvaluatedPictures.json(json).get("values").toString();
    evaluate(run, json, "--metrics=fid", "--errors=none", "--cache=" + folder.resolve("anew"));
    Files.delete(run.resolve("_waves/5.json"));
    Ran shorter = evaluate(run, folder.resolve("shorter.json"), "--metrics=fid", "--errors=none");

    assertThat(first.err()).contains("210 samples in 2 chunks, 0 of them computed before");
    assertThat(longer.err()).contains("230 samples in 2 chunks, 1 of them computed before");
    assertThat(shorter.err()).contains("210 samples in 2 chunks, 2 of them computed before");
    assertThat(EvaluatedPictures.json(json).get("values")).hasToString(fidOfAll);
    assertThat(EvaluatedPictures.json(json).get("images").get("runId").asText()).isNotEmpty();
    List<Row> rows = StoredRun.rows(run, "metrics", "samples", "fid", "profile", "kid");
    assertThat(rows)
        .extracting(row -> row.getLong(0))
        .containsExactlyInAnyOrder(210L, 230L, 230L, 210L);
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.getDouble(1)).isPositive();
              assertThat(row.getString(2)).isEqualTo("demo");
              assertThat(row.isNullAt(3)).isTrue();
            });
  }

  @Test
  void featuresInTheTableOfARunTakeThePlaceOfItsPictures() {
    Path pictures = folder.resolve("with-pictures");
    Path features = folder.resolve("with-features");
    generate(pictures, 210);
    generate(features, 210, "--features=" + network, "--profile=demo", "--image-format=none");
    Path ofPictures = folder.resolve("of-pictures.json");
    Path ofFeatures = folder.resolve("of-features.json");

    evaluate(pictures, ofPictures, "--metrics=fid,is,pr");
    Ran ran = evaluate(features, ofFeatures, "--metrics=fid,is,pr");

    assertThat(ran.err()).contains("0 of them computed before, the others in the table");
    assertThat(EvaluatedPictures.json(ofFeatures).get("values"))
        .isEqualTo(EvaluatedPictures.json(ofPictures).get("values"));
  }

  @Test
  void keepsFeaturesOnlyWhereTheyAreThoseOfTheStoredPicture() {
    Ran jpeg = generation(folder.resolve("x"), 1, "--features=demo", "--image-format=jpeg");
    Ran lonely = generation(folder.resolve("x"), 1, "--profile=demo");

    assertThat(jpeg.exitCode()).isEqualTo(2);
    assertThat(jpeg.err())
        .isEqualTo(
            "Cannot keep features of JPEG files: those of the pixels before are not theirs"
                + " (--features goes with png, raw or none)\n");
    assertThat(lonely.exitCode()).isEqualTo(2);
    assertThat(lonely.err())
        .isEqualTo("Cannot use --profile without --features, whose profile it is\n");
    assertThat(folder.resolve("x")).doesNotExist();
  }

  private static void generate(Path run, int images, String... more) {
    Ran ran = generation(run, images, more);
    assertThat(ran.exitCode()).as(ran.err()).isZero();
  }

  private static Ran generation(Path run, int images, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "generate",
                "--model=small=" + TinyModels.SMALL,
                "--vae=" + TinyModels.VAE,
                "--precision=fp32",
                "--batch-size=10",
                "--wave-images=50",
                "--images=" + images,
                "--out=" + run));
    args.addAll(List.of(more));
    return Ran.tandem(args.toArray(String[]::new));
  }
}
