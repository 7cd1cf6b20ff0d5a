package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.fid.GaussianStatistics;
import io.tandem.fid.Matrix;
import io.tandem.fid.StatisticsFile;
import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.pack.TinyPack;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.weights.SafetensorsWriter;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightNames;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user can get wrong about an evaluation: one message, exit code 2. */
class EvaluateBadInputIT {

  @TempDir static Path shared;

  private static EmbeddedSpark spark;
  private static String network;
  private static Path reference;

  @TempDir Path folder;

  private Path images;

  @BeforeAll
  static void makeAReference() throws IOException {
    TinyPack.writeLeast(shared);
    network = "inception:" + shared.resolve("features.safetensors");
    spark = EmbeddedSpark.open(1);
    Path real = EvaluatedPictures.folder(shared.resolve("real"), EvaluatedPictures.shapes(2, 5));
    reference = shared.resolve("reference.npz");
    Ran ran =
        Ran.tandem(
            "reference",
            "--images=" + real,
            "--features=" + network,
            "--profile=demo",
            "--out=" + reference);
    assertThat(ran.exitCode()).as(ran.err()).isZero();
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @BeforeEach
  void writeImages() throws IOException {
    images = EvaluatedPictures.folder(folder.resolve("images"), EvaluatedPictures.shapes(1, 4));
  }

  /** Computes FID unless {@code more} names other metrics. */
  private static Ran evaluate(Path images, Object reference, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "evaluate",
                "--images=" + images,
                "--reference=" + reference,
                "--features=" + network,
                "--profile=demo"));
    args.addAll(List.of(more));
    if (args.stream().noneMatch(arg -> arg.startsWith("--metrics"))) {
      args.add("--metrics=fid");
    }
    return Ran.tandem(args.toArray(String[]::new));
  }

  /** Returns the message of a command that must fail with 2; lines of progress come before it. */
  private static String message(Ran ran) {
    assertThat(ran.exitCode()).as(ran.err()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    List<String> lines = ran.err().lines().filter(line -> !line.startsWith("features   ")).toList();
    assertThat(lines).hasSize(1);
    return lines.get(0);
  }

  private static Path statistics(Path file, int dimension) {
    StatisticsFile.write(
        file,
        GaussianStatistics.of(
            new double[dimension],
            Matrix.diagonal(Arrays.stream(new double[dimension]).map(x -> 1).toArray())));
    return file;
  }

  @Test
  void refusesStatisticsOfAnotherDimension() {
    Path other = statistics(folder.resolve("other.npz"), 8);

    assertThat(message(evaluate(images, other)))
        .startsWith(
            "Cannot compare with the reference '%s': its statistics are of 8 features, the images'"
                    .formatted(other)
                + " features are of the demo's feature network (profile demo, 64 features,"
                + " weights ");
  }

  @Test
  void refusesStatisticsOfAnotherNetwork() throws IOException {
    Path weights = features(folder.resolve("other.safetensors"), 0.25f);

    Ran ran =
        Ran.tandem(
            "evaluate",
            "--images=" + images,
            "--reference=" + reference,
            "--features=inception:" + weights,
            "--profile=demo",
            "--metrics=fid");

    assertThat(message(ran))
        .matches(
            "Cannot compare with the reference '.*': it is of the demo's feature network \\(profile"
                + " demo, 64 features, weights [0-9a-f]{12}\\), the images' features are of the"
                + " demo's feature network \\(profile demo, 64 features, weights [0-9a-f]{12}\\)"
                + " \\(the same\\)\\. Pass --features and --profile of the reference, or make"
                + " another one\\.");
  }

  @Test
  void refusesASingleImage() throws IOException {
    Path one = EvaluatedPictures.folder(folder.resolve("one"), EvaluatedPictures.shapes(1, 1));

    assertThat(message(evaluate(one, reference)))
        .isEqualTo("Cannot evaluate '%s': it has 1 usable images (at least 2)".formatted(one));
  }

  @Test
  void refusesFewerImagesThanNeighbours() throws IOException {
    Path few = EvaluatedPictures.folder(folder.resolve("few"), EvaluatedPictures.shapes(1, 3));

    assertThat(message(evaluate(few, reference, "--metrics=pr")))
        .isEqualTo(
            "Cannot find the 3 nearest others of 3 samples (more samples than that). Use more"
                + " samples.");
  }

  @Test
  void refusesImagesThatAreNotSquare() throws IOException {
    for (int i = 0; i < 4; i++) {
      Files.write(
          images.resolve("0000%d.png".formatted(i)),
          PngCodec.encode(RgbImage.of(16, 8, new byte[3 * 128])));
    }

    assertThat(message(evaluate(images, reference)))
        .isEqualTo(
            "Cannot compute features of sample 0, '00000.png': it has 16 x 8 pixels (square: others"
                + " would be squashed). Crop the pictures first.");
  }

  @Test
  void refusesMixedSizes() throws IOException {
    Files.write(images.resolve("00002.png"), PngCodec.encode(RgbImage.of(8, 8, new byte[3 * 64])));

    assertThat(message(evaluate(images, reference)))
        .isEqualTo(
            "Cannot compute features of sample 2, '00002.png': it has 8 x 8 pixels, others of the"
                + " set 16 x 16 (all of one size). Resize the pictures first.");
  }

  @Test
  void refusesGreyImagesUnlessTheyMayBeConverted() throws IOException {
    write("00001.png", BufferedImage.TYPE_BYTE_GRAY);

    assertThat(message(evaluate(images, reference)))
        .isEqualTo(
            "Cannot compute features of sample 1, '00001.png': it is grey (8-bit RGB). Pass"
                + " --convert-rgb to take grey as three equal channels and to drop alpha.");
    assertThat(evaluate(images, reference, "--convert-rgb").exitCode()).isZero();
  }

  @Test
  void refusesImagesWithAlpha() throws IOException {
    write("00001.png", BufferedImage.TYPE_INT_ARGB);

    assertThat(message(evaluate(images, reference)))
        .isEqualTo(
            "Cannot compute features of sample 1, '00001.png': it is with alpha (8-bit RGB). Pass"
                + " --convert-rgb to take grey as three equal channels and to drop alpha.");
  }

  private void write(String name, int type) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(16, 16, type), "png", png);
    Files.write(images.resolve(name), png.toByteArray());
  }

  @Test
  void countsCorruptImagesAndStopsUnlessTheyAreAllowed() throws IOException {
    byte[] whole = Files.readAllBytes(images.resolve("00001.png"));
    Files.write(images.resolve("00001.png"), Arrays.copyOf(whole, 60));
    Files.writeString(images.resolve("00003.png"), "no picture");

    assertThat(message(evaluate(images, reference)))
        .startsWith(
            "Cannot evaluate '%s': 2 of 4 pictures cannot be used (at most 0): sample 1: Cannot"
                    .formatted(images)
                + " read picture '00001.png': it is damaged (")
        .endsWith(
            "; sample 3: Cannot read picture '00003.png': it is neither PNG nor JPEG. Replace them,"
                + " or pass --max-failed 2.");
    Ran allowed = evaluate(images, reference, "--max-failed=2");
    assertThat(allowed.exitCode()).as(allowed.err()).isZero();
    assertThat(allowed.out())
        .contains("2 of 16 x 16", "unusable   sample 1: ", "unusable   sample 3: ")
        .contains("warning    2 images cannot be read and were passed over");
  }

  @Test
  void allocatesNothingForAHugeHeader() throws IOException {
    byte[] png = Files.readAllBytes(images.resolve("00002.png"));
    ByteBuffer.wrap(png).putInt(16, 60_000).putInt(20, 60_000);
    Files.write(images.resolve("00002.png"), png);

    assertThat(message(evaluate(images, reference)))
        .contains(
            "1 of 4 pictures cannot be used (at most 0): sample 2: Cannot read picture"
                + " '00002.png': it has 60000 x 60000 pixels (at most 67108864 in all)");
  }

  @Test
  void refusesFeaturesThatAreNotNumbers() throws IOException {
    Path weights = features(folder.resolve("nan.safetensors"), Float.NaN);
    Path statistics = statistics(folder.resolve("plain.npz"), 64);

    Ran ran =
        Ran.tandem(
            "evaluate",
            "--images=" + images,
            "--reference=" + statistics,
            "--features=inception:" + weights,
            "--profile=demo",
            "--metrics=fid");

    assertThat(message(ran))
        .isEqualTo(
            "Cannot use the features of sample 0: number 0 is NaN (finite). Check the pictures and"
                + " the weights of the feature network.");
  }

  private static Path features(Path file, float number) {
    List<TensorSpec> specs =
        WeightNames.features(FeatureConfig.DEMO).entrySet().stream()
            .map(entry -> new TensorSpec(entry.getKey(), NumberFormat.FLOAT32, entry.getValue()))
            .toList();
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, Map.of())) {
      for (TensorSpec spec : specs) {
        ByteBuffer numbers = ByteBuffer.allocate((int) spec.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        while (numbers.hasRemaining()) {
          numbers.putFloat(number);
        }
        writer.write(numbers.flip());
      }
      writer.finish();
    }
    return file;
  }

  @Test
  void runsNoPickleInAnNpzFile() throws IOException {
    Path file = folder.resolve("pickle.npz");
    npy(file, "mu", "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 64);

    assertThat(message(evaluate(images, file)))
        .startsWith("Cannot read array 'mu' of '%s': ".formatted(file))
        .contains("|O");
  }

  @Test
  void allocatesNothingForAnNpzHeaderOfTerabytes() throws IOException {
    Path file = folder.resolve("terabytes.npz");
    npy(
        file,
        "arr_0",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (50000000, 256, 256, 3), }",
        64);

    assertThat(message(evaluate(file, reference)))
        .startsWith("Cannot read array 'arr_0' of '%s': its shape ".formatted(file));
    assertThat(message(evaluate(images, file)))
        .startsWith("Cannot read array 'arr_0' of '%s': its shape ".formatted(file));
  }

  private static void npy(Path file, String array, String header, int bytes) throws IOException {
    String padded = header + " ".repeat(117 - header.length()) + "\n";
    ByteBuffer content = ByteBuffer.allocate(10 + 118 + bytes).order(ByteOrder.LITTLE_ENDIAN);
    content.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    content.put((byte) 1).put((byte) 0).putShort((short) 118);
    content.put(padded.getBytes(StandardCharsets.US_ASCII));
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(array + ".npy"));
      zip.write(content.array());
      zip.closeEntry();
    }
  }

  @Test
  void classNamesAreNoPathsAndNoMarkup() throws IOException {
    Path script = folder.resolve("named/<script>alert(1)<");
    Files.createDirectories(script);
    Files.move(images.resolve("00000.png"), script.resolve("0.png"));
    Path other = Files.createDirectories(folder.resolve("named/....x"));
    Files.move(images.resolve("00001.png"), other.resolve("1.png"));
    Path visible = Files.createDirectories(folder.resolve("named/b\u001b[31m"));
    Files.move(images.resolve("00002.png"), visible.resolve("2.png"));
    Files.writeString(visible.resolve("3.png"), "no picture");

    assertThat(message(evaluate(folder.resolve("named"), reference)))
        .contains("Cannot read picture 'b?[31m/3.png': it is neither PNG nor JPEG");
  }

  @Test
  void refusesPrecisionWithoutPictures() {
    Path plain = statistics(folder.resolve("plain.npz"), 64);

    assertThat(message(evaluate(images, plain, "--metrics=pr")))
        .isEqualTo(
            "Cannot compute pr with the reference '%s': it has statistics alone (pictures in arr_0,"
                    .formatted(plain)
                + " or a sample of features, are needed). Leave pr out of --metrics, or make a"
                + " reference with 'tandem reference'.");
  }

  @Test
  void refusesSpatialFeaturesOfANetworkWithoutThem() {
    assertThat(message(evaluate(images, reference, "--metrics=sfid")))
        .startsWith("Cannot compute sfid by profile 'demo': its network has no spatial features");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThat(message(evaluate(images, reference, "--metrics=fid,clip")))
        .isEqualTo("Cannot compute metric 'clip' (fid, sfid, is, pr, kid, fid-infinity)");
    assertThat(message(evaluate(images, "demo")))
        .startsWith("Cannot compare with the reference 'demo': it is of the demo's feature network")
        .endsWith("Pass --features and --profile of the reference, or make another one.");
    assertThat(message(evaluate(folder.resolve("none"), reference)))
        .isEqualTo(
            "Cannot read images '%s': there is no such file or folder (a run, a Parquet table, a"
                    .formatted(folder.resolve("none"))
                + " folder of PNG or JPEG files, or an .npz file is needed)");
    assertThat(message(evaluate(images, folder.resolve("none.npz"))))
        .isEqualTo(
            "Cannot read '%s': there is no such file (an .npz file is needed)"
                .formatted(folder.resolve("none.npz")));
  }

  @Test
  void refusesAnUnknownProfileAndAMisfit() {
    Ran unknown =
        Ran.tandem(
            "evaluate",
            "--images=" + images,
            "--reference=" + reference,
            "--features=" + network,
            "--profile=dino");
    Ran misfit =
        Ran.tandem(
            "evaluate",
            "--images=" + images,
            "--reference=" + reference,
            "--features=" + network,
            "--profile=adm");

    assertThat(message(unknown)).startsWith("Cannot use profile 'dino' (adm, torch-fidelity, ");
    assertThat(message(misfit))
        .startsWith("Cannot compute features by profile 'adm' with '")
        .contains("it holds the demo's feature network (for profile demo)");
  }
}
