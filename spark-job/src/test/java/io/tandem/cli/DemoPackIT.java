package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.dataset.ShapeImages;
import io.tandem.features.FeatureExtractor;
import io.tandem.features.FeatureRows;
import io.tandem.features.Profile;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.FrechetDistance;
import io.tandem.fid.Reference;
import io.tandem.fid.ReferenceFile;
import io.tandem.generate.DecodeObserver;
import io.tandem.generate.TokenDecoder;
import io.tandem.generate.TokenEncoder;
import io.tandem.image.ImageFile;
import io.tandem.image.PixelRounding;
import io.tandem.image.RgbImage;
import io.tandem.kernel.LibTorchAlgebra;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.quality.PeakSignalToNoise;
import io.tandem.vq.ImageEncoder;
import io.tandem.vq.Tokenizer;
import io.tandem.weights.VarCheckpoint;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pack in the jar, by its images: the run that the README begins with. */
class DemoPackIT {

  private static final int IMAGES = 200;
  private static final int CLASSES = 10;
  private static final int NEIGHBOURS = 3;

  @TempDir static Path folder;

  private static Path run;
  private static FeatureRows rows;

  @BeforeAll
  static void makeTheDemo() throws IOException {
    run = folder.resolve("demo");
    Ran ran = Ran.tandem("generate", "--out", run.toString(), "--features", "demo");
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    rows = rows(pictures());
  }

  private static List<RgbImage> pictures() {
    return StoredRun.rows(run, "images", "sample_index", "image.bytes").stream()
        .sorted(Comparator.comparingLong((Row row) -> row.getLong(0)))
        .map(row -> ImageFile.decode(row.getAs(1), "sample " + row.getLong(0)))
        .toList();
  }

  private static FeatureRows rows(List<RgbImage> pictures) {
    try (WeightSource source = WeightSources.features("demo");
        FeatureExtractor network = FeatureExtractor.load(source, Profile.DEMO, DeviceSpec.CPU)) {
      return network.rows(pictures);
    }
  }

  private static double agreement(FeatureRows rows, int count) {
    int agreed = 0;
    for (int i = 0; i < count; i++) {
      agreed += rows.likeliestClass(i) == i % CLASSES ? 1 : 0;
    }
    return (double) agreed / count;
  }

  /** 83.4 % of 2,000 samples of the pair are, by the record; 200 of them have an error of 2.6 %. */
  @Test
  void imagesOfThePairShowWhatTheirLabelsSay() {
    assertThat(agreement(rows, IMAGES)).isGreaterThanOrEqualTo(0.75);
  }

  /** 89.7 % of 2,000 samples are, by the record. */
  @Test
  void imagesOfTheDrafterShowWhatTheirLabelsSay() {
    Path alone = folder.resolve("alone");
    Ran ran =
        Ran.tandem(
            "generate",
            "--out=" + alone,
            "--model=drafter=demo:drafter",
            "--plan=drafter:1-10",
            "--vae=demo",
            "--guidance=4",
            "--top-k=900",
            "--top-p=0.96",
            "--features=demo",
            "--image-format=none",
            "--images=200");
    assertThat(ran.exitCode()).as(ran.err()).isZero();

    long agreed =
        StoredRun.rows(alone, "images", "class_id", "features.logits").stream()
            .filter(row -> likeliest(floats(row.getAs(1))) == row.getInt(0))
            .count();
    assertThat(agreed).isGreaterThanOrEqualTo(170);
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int c = 1; c < logits.length; c++) {
      best = logits[c] > logits[best] ? c : best;
    }
    return best;
  }

  @Test
  void namesItsClasses() {
    assertThat(StoredRun.rows(run, "images", "class_id", "class_name"))
        .allSatisfy(
            row ->
                assertThat(row.getString(1))
                    .isEqualTo(ShapeImages.of(1, 64, 1).classNames().get(row.getInt(0))));
  }

  @Test
  void evaluationAgreesWithAPlainComputation() throws IOException {
    Path json = folder.resolve("evaluation.json");

    Ran ran =
        Ran.tandem(
            "evaluate",
            "--images=" + run,
            "--reference=demo",
            "--features=demo",
            "--metrics=fid,is,pr",
            "--json=" + json);

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.err()).contains("0 of them computed before, the others in the table");
    JsonNode values = EvaluatedPictures.json(json).get("values");
    Reference reference = reference();
    List<float[]> features = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      features.add(rows.features(i));
    }
    FeatureSet generated = FeatureSet.of(features);
    LibTorchAlgebra algebra = new LibTorchAlgebra();
    double fid =
        FrechetDistance.between(
            reference.features(),
            generated.moments(new double[generated.dimension()]).statistics(),
            algebra);
    assertThat(values.get("fid").asDouble()).isCloseTo(fid, within(1e-6));
    assertThat(values.get("is").asDouble()).isCloseTo(inceptionScore(), within(1e-6));
    FeatureSet real = reference.sample().orElseThrow();
    assertThat(values.get("precision").asDouble() * IMAGES)
        .isCloseTo(inBalls(generated, real), within(2.0));
  }

  /** Features in the table are those of the pictures in the table. */
  @Test
  void featuresInTheTableAreThoseOfThePictures() {
    List<Row> stored =
        StoredRun.rows(run, "images", "sample_index", "features.features", "features.logits");

    assertThat(stored).hasSize(IMAGES);
    for (Row row : stored) {
      int sample = (int) row.getLong(0);
      assertThat(floats(row.getAs(1))).isEqualTo(rows.features(sample));
      assertThat(floats(row.getAs(2))).isEqualTo(rows.logits(sample));
    }
  }

  @Test
  void reconstructionsOfOtherPicturesAreCloseAndKeepTheirClass() {
    int count = 100;
    ShapeImages shapes = ShapeImages.of(77, 64, count);
    List<RgbImage> real = IntStream.range(0, count).mapToObj(shapes::image).toList();

    List<RgbImage> made = reconstructions(real);

    PeakSignalToNoise ratio = new PeakSignalToNoise();
    for (int i = 0; i < count; i++) {
      ratio.add(PeakSignalToNoise.squaredErrors(real.get(i), made.get(i)), 3 * 64 * 64);
    }
    assertThat(ratio.meanOfPictures()).isGreaterThanOrEqualTo(26);
    assertThat(agreement(rows(made), count)).isGreaterThanOrEqualTo(0.95);
    assertThat(agreement(rows(real), count)).isGreaterThanOrEqualTo(0.97);
  }

  private static List<RgbImage> reconstructions(List<RgbImage> pictures) {
    try (WeightSource drafter = WeightSources.transformer("demo:drafter");
        WeightSource source = WeightSources.tokeniser("demo")) {
      ScaleSchedule schedule = VarCheckpoint.config(drafter).schedule();
      try (ImageEncoder encoder =
              ImageEncoder.load(source, schedule, Precision.FP32, DeviceSpec.CPU);
          Tokenizer tokenizer = Tokenizer.load(source, schedule, Precision.FP32, DeviceSpec.CPU)) {
        List<long[]> tokens = new TokenEncoder(encoder, DeviceSpec.CPU).encode(pictures);
        return new TokenDecoder(tokenizer, schedule, DeviceSpec.CPU)
            .decode(tokens, PixelRounding.NEAREST, DecodeObserver.NONE);
      }
    }
  }

  private static Reference reference() throws IOException {
    Path file = folder.resolve("reference.npz");
    try (InputStream in = DemoPackIT.class.getResourceAsStream("/io/tandem/demo/reference.npz")) {
      Files.write(file, in.readAllBytes());
    }
    return ReferenceFile.read(file);
  }

  /** Returns exp of the mean divergence of the class probabilities from their mean. */
  private static double inceptionScore() {
    double[] mean = new double[CLASSES];
    double[][] all = new double[IMAGES][];
    for (int i = 0; i < IMAGES; i++) {
      all[i] = softmax(rows.logits(i));
      for (int c = 0; c < CLASSES; c++) {
        mean[c] += all[i][c] / IMAGES;
      }
    }
    double divergence = 0;
    for (double[] one : all) {
      for (int c = 0; c < CLASSES; c++) {
        divergence += one[c] > 0 ? one[c] * Math.log(one[c] / mean[c]) : 0;
      }
    }
    return Math.exp(divergence / IMAGES);
  }

  private static double[] softmax(float[] logits) {
    double[] exps = new double[logits.length];
    double sum = 0;
    for (int c = 0; c < logits.length; c++) {
      exps[c] = Math.exp(logits[c] - (double) logits[0]);
      sum += exps[c];
    }
    for (int c = 0; c < logits.length; c++) {
      exps[c] /= sum;
    }
    return exps;
  }

  /** Returns how many of {@code generated} lie in the ball of a real one to its third neighbour. */
  private static double inBalls(FeatureSet generated, FeatureSet real) {
    double[] radius = new double[real.size()];
    for (int i = 0; i < real.size(); i++) {
      double[] nearest = {Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE};
      for (int j = 0; j < real.size(); j++) {
        if (j != i) {
          insert(nearest, real.squaredDistance(i, real, j));
        }
      }
      radius[i] = nearest[NEIGHBOURS - 1];
    }
    int inside = 0;
    for (int i = 0; i < generated.size(); i++) {
      boolean isInside = false;
      for (int j = 0; j < real.size() && !isInside; j++) {
        isInside = generated.squaredDistance(i, real, j) <= radius[j];
      }
      inside += isInside ? 1 : 0;
    }
    return inside;
  }

  private static void insert(double[] nearest, double distance) {
    for (int k = 0; k < nearest.length; k++) {
      if (distance < nearest[k]) {
        double further = nearest[k];
        nearest[k] = distance;
        distance = further;
      }
    }
  }

  private static float[] floats(byte[] bytes) {
    float[] numbers = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(numbers);
    return numbers;
  }
}
