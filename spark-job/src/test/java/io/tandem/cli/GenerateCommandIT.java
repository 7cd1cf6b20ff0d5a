package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.engine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GenerateCommandIT {

  private static final int IMAGES = 26;

  @TempDir static Path folder;

  /** A run on one slot in one wave, which all others are compared with. */
  private static Path plain;

  private static Ran first;

  @BeforeAll
  static void makeThePlainRun() {
    plain = folder.resolve("plain");
    first = generate(plain, List.of("--images", "" + IMAGES), "local[1]");
    assertThat(first.exitCode()).as(first.err()).isZero();
  }

  @Test
  void makesEachSampleOnceWithTheClassesInTurn() {
    Map<Long, String> samples = StoredRun.samples(plain);

    assertThat(samples).hasSize(IMAGES);
    samples.forEach((index, text) -> assertThat(text).startsWith(index % 10 + " "));
  }

  @Test
  void saysWhereThingsAre() {
    assertThat(first.out())
        .contains("26 images in 1 waves", "26 of 26 are there")
        .contains("table      " + plain + "/images")
        .contains("pictures   " + plain + "/contact-sheet.png")
        .contains("summary    " + plain + "/status.json");
    assertThat(plain.resolve("contact-sheet.png")).isNotEmptyFile();
    assertThat(plain.resolve("status.json")).content().contains("\"state\" : \"done\"");
  }

  @Test
  void theSameCommandFindsEverythingThere() {
    Ran again = generate(plain, List.of("--images", "" + IMAGES), "local[1]");

    assertThat(again.exitCode()).isZero();
    assertThat(again.out()).contains("everything is there: 26 images");
    assertThat(again.err()).isEmpty();
  }

  @Test
  void slotsWavesAndPartitionsChangeNoSample() {
    Path out = folder.resolve("cut");

    Ran ran =
        generate(
            out,
            List.of("--images", "" + IMAGES, "--wave-images", "8", "--partitions", "3"),
            "local[2]");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("4 waves");
    assertThat(StoredRun.samples(out)).isEqualTo(StoredRun.samples(plain));
  }

  @Test
  void aLongerRunKeepsItsSamples() {
    Path out = folder.resolve("longer");
    generate(out, List.of("--images", "10"), "local[2]");

    Ran ran = generate(out, List.of("--images", "" + IMAGES), "local[1]");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(StoredRun.samples(out)).isEqualTo(StoredRun.samples(plain));
  }

  /** It says so, whether waves are missing besides or not, and makes the wave again on demand. */
  @Test
  void aRunThatLostAFileIsNotContinuedUntilTheWaveIsMadeAgain() throws IOException {
    Path out = folder.resolve("lost");
    generate(out, List.of("--images", "16", "--wave-images", "8", "--partitions", "1"), "local[2]");
    Path file = StoredRun.file(out, "images/wave=1");
    long bytes = Files.size(file);
    Files.delete(file);

    for (String images : List.of("16", "" + IMAGES)) {
      Ran ran = generate(out, List.of("--images", images), "local[2]");

      assertThat(ran.exitCode()).as(ran.err()).isEqualTo(2);
      assertThat(ran.err())
          .endsWith(
              "Cannot continue the run in '%1$s': '%2$s' is missing (%3$d bytes were committed). Restore it, or remove '%1$s/_waves/1.json', and the wave is made again.%n"
                  .formatted(out, file, bytes));
    }
    Files.delete(out.resolve("_waves/1.json"));
    Ran ran = generate(out, List.of("--images", "" + IMAGES), "local[2]");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(StoredRun.samples(out)).isEqualTo(StoredRun.samples(plain));
  }

  @Test
  void labelsComeFromATableSuchAsThatOfAnotherRun() {
    Path out = folder.resolve("labels-from");

    Ran ran =
        generate(out, List.of("--labels-from", plain.resolve("images").toString()), "local[2]");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(StoredRun.samples(out)).isEqualTo(StoredRun.samples(plain));
    Ran verified = Ran.tandem("verify", "--run", out.toString(), "--samples", "2");
    assertThat(verified.out()).as(verified.err()).contains("verdict    good");
  }

  @Test
  void aTableWithoutLabelsIsAnError() {
    Path out = folder.resolve("no-labels");

    Ran ran =
        generate(out, List.of("--labels-from", plain.resolve("latency").toString()), "local[1]");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("class_id");
    assertThat(out).doesNotExist();
  }

  @Test
  void latencyHasARowForEachBatchAndScale() {
    List<Row> rows =
        StoredRun.rows(plain, "latency", "batch_id", "scale", "images", "ns", "total_ns", "model");

    assertThat(rows).hasSize(7 * 4);
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.getInt(2)).isEqualTo(row.getLong(0) == 6 ? 2 : 4);
              assertThat(row.getLong(3)).isPositive().isLessThan(row.getLong(4));
              assertThat(row.getString(5)).isEqualTo(row.getInt(1) == 4 ? "small" : "big");
            });
  }

  @Test
  void verifyFindsItGood() {
    Ran ran = Ran.tandem("verify", "--run", plain.toString(), "--", "--master", "local[1]");

    assertThat(ran.exitCode()).as(ran.out() + ran.err()).isZero();
    assertThat(ran.out())
        .contains("26 of 26 images committed", "0 findings", "made again, all the same")
        .contains("verdict    good");
  }

  /** What is damaged is a finding; the samples of the other files are made again. */
  @Test
  void verifyMakesAgainWhatCanBeRead() throws IOException {
    Path out = folder.resolve("damaged");
    List<String> options =
        List.of("--images", "" + IMAGES, "--wave-images", "8", "--partitions", "1");
    assertThat(generate(out, options, "local[2]").exitCode()).isZero();
    Files.delete(StoredRun.file(out, "images/wave=0"));
    StoredRun.damage(StoredRun.file(out, "images/wave=2"), "tokens_sha256");

    Ran ran = Ran.tandem("verify", "--run", out.toString(), "--samples", "26");

    assertThat(ran.exitCode()).as(ran.out() + ran.err()).isEqualTo(4);
    assertThat(ran.out())
        .contains("the file is missing", "column tokens_sha256 is damaged in row group 0")
        .contains("again      10 samples made again, all the same")
        .contains("16 of the samples chosen cannot be read")
        .contains("verdict    NOT as its records say");
  }

  /** Such as one that an earlier run was written to. */
  @Test
  void aFolderOfTheirNameDoesNotHideTheBuiltInModels() throws IOException {
    Path here = Files.createDirectories(folder.resolve("same-name"));
    Files.createDirectory(here.resolve("demo"));

    Ran ran = LauncherRun.local(here).run(List.of("generate", "--images=8", "--out=run"));

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("vae=demo");
    assertThat(StoredRun.samples(here.resolve("run"))).hasSize(8);
  }

  @Test
  void anotherSettingIsAnErrorThatNamesIt() {
    Ran ran = generate(plain, List.of("--images", "" + IMAGES, "--guidance", "2"), "local[1]");

    assertThat(ran)
        .isEqualTo(
            new Ran(
                2,
                ran.out(),
                "Cannot continue the run in '%s': it was begun with other settings (guidance: 1.5:1-4 there, 2.0:1-4 here). Use the same ones, or another --out.%n"
                    .formatted(plain)));
  }

  @Test
  void fewerImagesAreAnError() {
    Ran ran = generate(plain, List.of("--images", "20"), "local[1]");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("images: 26 there, 20 here (it may only grow)");
  }

  @Test
  void aFolderThatIsNotOursStaysAsItIs() throws IOException {
    Path out = Files.createDirectory(folder.resolve("not-ours"));
    Files.writeString(out.resolve("thesis.txt"), "precious");

    Ran ran = generate(out, List.of("--images", "4"), "local[1]");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("it is no folder of a run, and there is 'thesis.txt' in it");
    assertThat(out).isDirectoryNotContaining(path -> !path.endsWith("thesis.txt"));
  }

  @Test
  void aDryRunWritesNothing() {
    Path out = folder.resolve("dry");

    Ran ran = generate(out, List.of("--images", "10000000", "--dry-run"), "local[2]");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .contains("10,000,000 images", "spark-submit --class io.tandem.cli.Tandem");
    assertThat(out).doesNotExist();
  }

  @ParameterizedTest
  @MethodSource
  void whatCannotBeIsAMessageAndNothingIsWritten(
      List<String> options, String master, String message) {
    Path out = folder.resolve("never");

    Ran ran = generate(out, options, master);

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .isEqualTo(message.replace("OUT", out.toString()) + System.lineSeparator());
    assertThat(out).doesNotExist();
  }

  static Stream<Arguments> whatCannotBeIsAMessageAndNothingIsWritten() {
    String images = "--images=4";
    return Stream.of(
        arguments(
            List.of("--images=0"),
            "local[1]",
            "Cannot make the images of --images 0: that is out of range (1 to 1000000000000)"),
        arguments(
            List.of(images, "--classes=0,,2"),
            "local[1]",
            "Cannot use --classes '0,,2': '' is no class (such as 3,7,0 or 0-9)"),
        arguments(
            List.of(images, "--classes=8-12"),
            "local[1]",
            "Cannot use --classes '8-12': there is no class 10 (the models know classes 0 to 9)"),
        arguments(
            List.of(images, "--table=csv"),
            "local[1]",
            "Cannot write tables in the format 'csv' (parquet, delta or iceberg). Correct"
                + " --table."),
        arguments(
            List.of(images, "--table=delta"),
            "local[1]",
            "Cannot keep the state of a run in Delta table 'OUT': it has no place for settings,"
                + " records and lock. Pass --state PATH, a folder that is this run's alone."),
        arguments(
            List.of(images, "--state=/nowhere"),
            "local[1]",
            "Cannot use --state with --table parquet: a run is in the folder that --out names"),
        arguments(
            List.of(images, "--image-format=gif"),
            "local[1]",
            "Cannot use --image-format 'gif' (png, jpeg, raw or none)"),
        arguments(
            List.of(images, "--latency=maybe"),
            "local[1]",
            "Cannot use --latency 'maybe' (sync, launch or off)"),
        arguments(
            List.of(images, "--wave-images=0"),
            "local[1]",
            "Cannot make waves of 0 images (1 or more). Correct --wave-images."),
        arguments(
            List.of(images, "--partitions=0"),
            "local[1]",
            "Cannot cut a wave into 0 tasks (1 to 1000000). Correct --partitions."),
        arguments(
            List.of(images, "--threads=3"),
            "local[2]",
            "Cannot run tasks of 3 cores on 'local[2]', which has 2. Correct --threads or"
                + " --master."),
        arguments(
            List.of(images, "--precision=fp8"),
            "local[1]",
            "Cannot use precision 'fp8' (fp32, bf16, fp16 or auto). Pass --precision auto."),
        arguments(
            List.of(images, "--labels-from=/nowhere/at/all"),
            "local[1]",
            "Cannot use --labels-from with --labels, --images, --per-class or --classes: the table"
                + " says how many images of which classes there are"),
        arguments(
            List.of(images, "--device=gpu"),
            "local[1]",
            "Cannot decode on a GPU on host "
                + Machine.host()
                + ": Spark gave the task no resource 'gpu'. Set spark.executor.resource.gpu.amount"
                + " and spark.task.resource.gpu.amount, or pass --device cpu."));
  }

  private static Ran generate(Path out, List<String> options, String master) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "generate",
                "--model",
                "big=" + TinyModels.LARGE,
                "--model",
                "small=" + TinyModels.SMALL,
                "--vae",
                TinyModels.VAE,
                "--plan",
                "big:1-3,small:4",
                "--batch-size",
                "4",
                "--out",
                out.toString()));
    args.addAll(options);
    if (options.stream().noneMatch(option -> option.startsWith("--precision"))) {
      args.add("--precision=fp32");
    }
    args.addAll(List.of("--", "--master", master));
    return Ran.tandem(args.toArray(String[]::new));
  }
}
