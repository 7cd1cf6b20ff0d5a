package io.tandem.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.dataset.ShapeImages;
import io.tandem.features.FeatureNetwork;
import io.tandem.features.FeatureRows;
import io.tandem.fid.FrechetDistance;
import io.tandem.fid.GaussianStatistics;
import io.tandem.fid.Jackknife;
import io.tandem.fid.JacobiAlgebra;
import io.tandem.fid.Matrix;
import io.tandem.fid.Reference;
import io.tandem.fid.ReferenceFile;
import io.tandem.generate.BatchRequest;
import io.tandem.generate.DecodeConfig;
import io.tandem.generate.DecodeObserver;
import io.tandem.generate.ImageGenerator;
import io.tandem.generate.ModelSet;
import io.tandem.generate.Sample;
import io.tandem.generate.TokenDecoder;
import io.tandem.generate.TokenEncoder;
import io.tandem.generate.TokenLikelihood;
import io.tandem.image.ContactSheet;
import io.tandem.image.ImageFile;
import io.tandem.image.PixelRounding;
import io.tandem.image.RgbImage;
import io.tandem.kernel.NativeScope;
import io.tandem.metrics.LatencyMode;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.metrics.PlanWork;
import io.tandem.metrics.WorkCount;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.pack.PackSettings.Amounts;
import io.tandem.pack.PackSettings.Execution;
import io.tandem.pack.PackSettings.Seeds;
import io.tandem.pack.QualityReport.CrossEntropy;
import io.tandem.pack.QualityReport.Difference;
import io.tandem.pack.QualityReport.Estimate;
import io.tandem.pack.QualityReport.Expectation;
import io.tandem.pack.QualityReport.HeldOut;
import io.tandem.pack.QualityReport.Missing;
import io.tandem.pack.QualityReport.ModelFile;
import io.tandem.pack.QualityReport.Point;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.sample.SamplingConfig;
import io.tandem.vq.ImageEncoder;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackQualityIT {

  private static final int SCALES = 4;
  private static final int IMAGES = 40;

  /** Batches of three: two parts, of which the second ends with a batch that is filled up. */
  private static final PackSettings SETTINGS = settings(new Amounts(IMAGES, 60, 3));

  private static final Consumer<String> SILENT = line -> {};

  @TempDir private static Path shared;
  @TempDir private Path folder;

  private static Path pack;
  private static Path out;
  private static List<String> progress;
  private static QualityReport report;
  private static ModelSet models;
  private static FeatureNetwork network;
  private static long valuesBefore;
  private static long valuesAfter;

  @BeforeAll
  static void measureOnce() throws IOException {
    pack = Files.createDirectory(shared.resolve("pack"));
    out = shared.resolve("new").resolve("out");
    TinyPack.writeAll(pack);
    models = models();
    network = network();
    progress = new ArrayList<>();
    valuesBefore = NativeScope.liveValues();
    report = measured(pack, out, progress::add);
    valuesAfter = NativeScope.liveValues();
  }

  @AfterAll
  static void unload() {
    models.close();
    network.close();
  }

  private static PackSettings settings(Amounts amounts) {
    return new PackSettings(
        GuidanceSchedule.everywhere(1.5, SCALES),
        SamplingConfig.uniform(20, 0.96, 1, SCALES),
        new Seeds(5, 11, 12, 13),
        amounts,
        new Execution(Precision.FP32, DeviceSpec.CPU));
  }

  private static QualityReport measured(Path pack, Path out, Consumer<String> progress) {
    try (PackModels opened = PackModels.open(pack)) {
      return PackQuality.measure(opened, SETTINGS, out, progress);
    }
  }

  private static ModelSet models() {
    Map<String, WeightSource> sources = new LinkedHashMap<>();
    for (String name : List.of("drafter", "refiner", "drafter-n2", "refiner-n2")) {
      sources.put(name, WeightFiles.open(TinyPack.file(pack, name).toString()));
    }
    try (WeightSource tokeniser = WeightFiles.open(TinyPack.file(pack, "tokeniser").toString())) {
      return ModelSet.load(sources, tokeniser, Precision.FP32, DeviceSpec.CPU);
    } finally {
      sources.values().forEach(WeightSource::close);
    }
  }

  private static FeatureNetwork network() {
    try (WeightSource source = WeightFiles.open(TinyPack.file(pack, "features").toString())) {
      return FeatureNetwork.load(source, DeviceSpec.CPU);
    }
  }

  @Test
  void measuresEveryPointInAFixedOrder() {
    assertThat(report.samples().points())
        .extracting(Point::name)
        .containsExactly(
            "drafter",
            "refiner",
            "code-n1",
            "code-n2",
            "code-n3",
            "tuned-n2",
            "control-n2",
            "refiner-last3",
            "last3-n1",
            "reconstructions",
            "real");
    assertThat(point("tuned-n2").plan()).contains("drafter-n2:1-2,refiner-n2:3-4");
    assertThat(point("control-n2").plan()).contains("drafter-control:1-2,refiner-control:3-4");
    assertThat(point("last3-n1").plan()).contains("drafter:1,refiner-last3:2-4");
    assertThat(point("code-n3").draftScales()).contains(3);
    assertThat(point("drafter").draftScales()).isEmpty();
    assertThat(point("real").plan()).isEmpty();
    assertThat(point("real").speed()).isEmpty();
    assertThat(report.missing()).isEmpty();
    assertThat(report.samples().images()).isEqualTo(IMAGES);
    assertThat(report.samples().referenceImages()).isEqualTo(60);
    assertThat(valuesAfter).as("native values").isEqualTo(valuesBefore);
  }

  @Test
  void fidIsTheDistanceOfTheFeaturesFromThoseOfOtherPictures() {
    GaussianStatistics reference = plainStatistics(rows(shapes(13, 60)), Set.of());

    Reference file = ReferenceFile.read(out.resolve("reference.npz"));
    GaussianStatistics written = file.features();
    assertThat(file.sample().orElseThrow().size()).isEqualTo(60);
    assertThat(file.identity().orElseThrow())
        .contains("profile: demo\n", "samples: 60\n", "size: 16 x 16\n");
    assertThat(written.count()).hasValue(60);
    assertThat(written.mean()).containsExactly(reference.mean(), within(1e-12));
    assertThat(written.covariance().toArray())
        .containsExactly(reference.covariance().toArray(), within(1e-12));
    // covariances of fewer pictures than features: eigenvalues that are zero but for rounding
    FeatureRows samples = rows(decoded("drafter", "refiner", 2));
    assertThat(point("code-n2").fid().value())
        .isCloseTo(plainFid(samples, Set.of(), reference), within(1e-6));
    assertThat(point("real").fid().value())
        .isCloseTo(plainFid(rows(shapes(12, IMAGES)), Set.of(), reference), within(1e-6));
    assertThat(point("reconstructions").fid().value())
        .isCloseTo(plainFid(rows(reconstructions()), Set.of(), reference), within(1e-6));
  }

  @Test
  void errorsLeaveOutOneOfTwentyGroupsAtATime() {
    GaussianStatistics reference = plainStatistics(rows(shapes(13, 60)), Set.of());
    FeatureRows free = rows(decoded("drafter", "refiner", 2));
    FeatureRows tuned = rows(decoded("drafter-n2", "refiner-n2", 2));
    double[] without = new double[20];
    double[] differences = new double[20];
    for (int group = 0; group < 20; group++) {
      Set<Integer> left = Set.of(2 * group, 2 * group + 1);
      without[group] = plainFid(free, left, reference);
      differences[group] = plainFid(tuned, left, reference) - without[group];
    }

    Estimate fid = point("code-n2").fid();
    assertThat(fid.standardError()).isCloseTo(plainError(without), within(1e-6));
    Jackknife.Estimate interval = new Jackknife.Estimate(fid.value(), fid.standardError());
    assertThat(fid.lower95()).isEqualTo(interval.lower95());
    assertThat(fid.upper95()).isEqualTo(interval.upper95());
    Difference difference = report.samples().differences().get(2);
    assertThat(difference.minuend()).isEqualTo("tuned-n2");
    assertThat(difference.subtrahend()).isEqualTo("code-n2");
    assertThat(difference.fid().value())
        .isCloseTo(point("tuned-n2").fid().value() - fid.value(), within(1e-12));
    assertThat(difference.fid().standardError()).isCloseTo(plainError(differences), within(1e-6));
  }

  @Test
  void comparesThePairsThatTheExpectationsAreAbout() {
    assertThat(report.samples().differences())
        .extracting(each -> each.minuend() + " - " + each.subtrahend())
        .containsExactly(
            "refiner - drafter",
            "code-n2 - drafter",
            "tuned-n2 - code-n2",
            "tuned-n2 - control-n2",
            "control-n2 - code-n2",
            "refiner-last3 - refiner",
            "last3-n1 - code-n1");
  }

  @Test
  void agreementIsTheShareOfImagesClassifiedAsTheirLabel() {
    FeatureRows samples = rows(decoded("drafter-n2", "refiner-n2", 2));

    QualityReport.Agreement agreement = point("tuned-n2").classAgreement();
    assertThat(agreement.share()).isEqualTo(plainAgreement(samples));
    assertThat(agreement.byClass()).hasSize(10);
    for (int label = 0; label < 10; label++) {
      int each = label;
      long right =
          IntStream.range(0, 4).filter(i -> samples.likeliestClass(10 * i + each) == each).count();
      assertThat(agreement.byClass().get(label)).isEqualTo(right / 4.0);
    }
  }

  @Test
  void heldOutFiguresAreThoseOfTheReconstructions() {
    List<RgbImage> originals = shapes(11, IMAGES);
    List<RgbImage> reconstructions = reconstructions();
    List<long[]> tokens = tokens();
    double decibels = 0;
    double errors = 0;
    for (int i = 0; i < IMAGES; i++) {
      double error = meanSquaredError(originals.get(i), reconstructions.get(i));
      decibels += 10 * Math.log10(255 * 255 / error);
      errors += error;
    }
    Set<Long> used = new HashSet<>();
    tokens.forEach(map -> Arrays.stream(map).forEach(used::add));

    HeldOut heldOut = report.heldOut();
    assertThat(heldOut.images()).isEqualTo(IMAGES);
    assertThat(heldOut.psnr().meanOfPictures()).isCloseTo(decibels / IMAGES, within(1e-9));
    assertThat(heldOut.psnr().pooled())
        .isCloseTo(10 * Math.log10(255 * 255 / (errors / IMAGES)), within(1e-9));
    assertThat(heldOut.codesUsedShare()).isEqualTo(used.size() / 32.0);
    assertThat(heldOut.reconstructionAgreement()).isEqualTo(plainAgreement(rows(reconstructions)));
    assertThat(heldOut.featureAccuracy()).isEqualTo(plainAgreement(rows(originals)));
    assertThat(heldOut.tokenEntropy()).hasSize(SCALES);
    for (int scale = 0; scale < SCALES; scale++) {
      assertThat(heldOut.tokenEntropy().get(scale))
          .isCloseTo(plainEntropy(tokens.get(scale)), within(1e-9));
    }
  }

  @Test
  void crossEntropyIsThatOfTheHeldOutTokens() {
    int[] labels = IntStream.range(0, IMAGES).map(i -> i % 10).toArray();

    double[] sums = new TokenLikelihood(models).crossEntropy("refiner", labels, tokens());

    List<CrossEntropy> all = report.models().crossEntropy();
    assertThat(all)
        .extracting(CrossEntropy::model)
        .containsExactly(
            "drafter",
            "refiner",
            "drafter-n2",
            "refiner-n2",
            "drafter-control",
            "refiner-control",
            "refiner-last3");
    CrossEntropy refiner = all.get(1);
    for (int scale = 0; scale < SCALES; scale++) {
      double mean = sums[scale] / IMAGES / TinyPack.SCHEDULE.tokens(scale);
      // batches of three against one of all, in float32
      assertThat(refiner.natsByScale().get(scale)).isCloseTo(mean, within(1e-5));
    }
    assertThat(refiner.natsPerToken())
        .isCloseTo(Arrays.stream(sums).sum() / IMAGES / 30, within(1e-5));
  }

  @Test
  void trendAndGapFollowFromTheDistances() {
    double[] fids =
        IntStream.rangeClosed(1, 3).mapToDouble(n -> point("code-n" + n).fid().value()).toArray();
    double squares = 0;
    for (int i = 0; i < 3; i++) {
      double fid = fids[i];
      long rank = Arrays.stream(fids).filter(other -> other < fid).count();
      squares += (rank - i) * (rank - i);
    }
    double drafter = point("drafter").fid().value();

    assertThat(report.samples().trend().spearman().orElseThrow())
        .isCloseTo(1 - 6 * squares / (3 * 8), within(1e-12));
    assertThat(report.samples().trend().gapRatio().orElseThrow())
        .isCloseTo((fids[1] - drafter) / (point("refiner").fid().value() - drafter), within(1e-12));
  }

  @Test
  void costIsTheWorkOfThePlansAndTheTimeThatTheyTook() {
    GuidanceSchedule guidance = GuidanceSchedule.everywhere(1.5, SCALES);
    double drafter = work(DecodePlan.single("drafter", SCALES), guidance);
    double refiner = work(DecodePlan.single("refiner", SCALES), guidance);

    QualityReport.Cost cost = report.models().cost();
    assertThat(cost.drafterPerImage()).contains(drafter);
    assertThat(cost.refinerPerImage()).contains(refiner);
    assertThat(cost.drafterOverRefinerPerToken()).contains(drafter / refiner);
    assertThat(cost.imageDecoder()).isEqualTo(WorkCount.imageDecoder(TinyPack.TOKENISER, 4) / 1e9);
    QualityReport.Speed fast = point("refiner").speed().orElseThrow();
    assertThat(fast.seconds()).isPositive();
    assertThat(fast.imagesPerSecond()).isEqualTo(IMAGES / fast.seconds());
    assertThat(cost.drafterOverRefinerSeconds())
        .contains(point("drafter").speed().orElseThrow().seconds() / fast.seconds());
    assertThat(point("code-n2").speed().orElseThrow().transformerGigaflopPerImage())
        .contains(work(DecodePlan.collaborative("drafter", "refiner", 2, SCALES), guidance));
    assertThat(point("reconstructions").speed().orElseThrow().transformerGigaflopPerImage())
        .isEmpty();
  }

  @Test
  void countsTheFilesThatShip() throws IOException {
    List<String> names =
        List.of(
            "tokeniser.safetensors",
            "drafter.safetensors",
            "refiner.safetensors",
            "drafter-n2.safetensors",
            "refiner-n2.safetensors",
            "features.safetensors",
            "reference.npz");
    assertThat(report.models().files()).extracting(ModelFile::name).isEqualTo(names);
    long all = 0;
    for (ModelFile file : report.models().files()) {
      Path place = file.name().equals("reference.npz") ? out : pack;
      assertThat(file.bytes()).isEqualTo(Files.size(place.resolve(file.name())));
      all += file.bytes();
    }
    assertThat(report.models().packBytes()).isEqualTo(all);
  }

  @Test
  void everyExpectationIsHeldAgainstItsFigure() {
    Map<String, Expectation> expectations = new LinkedHashMap<>();
    report.expectations().forEach(each -> expectations.put(each.text(), each));

    assertThat(expectations.keySet())
        .containsExactly(
            "PSNR of held-out reconstructions, mean of pictures, dB",
            "share of the codes in use",
            "least token entropy of a scale from 3x3 on, nats",
            "share of reconstructions classified as their label",
            "accuracy of the feature network",
            "share of drafter samples classified as their label",
            "share of drafter samples classified as their label (aim)",
            "work of the drafter over that of the refiner, per token",
            "FID(refiner) - FID(drafter), lower end of the 95 % interval",
            "Spearman(N, FID) over N = 1 to 3",
            "FID(N=2) - FID(drafter) - 0.25 (FID(refiner) - FID(drafter))",
            "FID(fine-tuned N=2) - FID(training-free N=2), upper end of the 95 % interval",
            "FID(fine-tuned N=2) - FID(control N=2), upper end of the 95 % interval",
            "FID of N=1 after training the refiner on the last three scales less that before",
            "cross-entropy of the last three scales after training on them less that before, nats",
            "work of the plain drafter with guidance, GFLOP per image",
            "work of the image decoder, GFLOP per image",
            "size of the pack, MB");
    assertMet(expectations, "PSNR of held-out", ">= 26", report.heldOut().psnr().meanOfPictures());
    assertMet(expectations, "share of the codes", ">= 0.8", report.heldOut().codesUsedShare());
    assertMet(
        expectations,
        "least token entropy",
        ">= 1",
        Math.min(report.heldOut().tokenEntropy().get(2), report.heldOut().tokenEntropy().get(3)));
    assertMet(
        expectations,
        "share of reconstructions",
        ">= 0.95",
        report.heldOut().reconstructionAgreement());
    assertMet(expectations, "accuracy of", ">= 0.97", report.heldOut().featureAccuracy());
    double agreement = point("drafter").classAgreement().share();
    assertMet(expectations, "share of drafter samples classified as", ">= 0.85", agreement);
    assertMet(
        expectations,
        "work of the drafter over",
        ">= 3",
        report.models().cost().drafterOverRefinerPerToken().orElseThrow());
    List<Difference> differences = report.samples().differences();
    assertMet(
        expectations, "FID(refiner) - FID(drafter), l", "> 0", differences.get(0).fid().lower95());
    assertMet(
        expectations, "Spearman", "<= -0.8", report.samples().trend().spearman().orElseThrow());
    assertMet(
        expectations,
        "FID(fine-tuned N=2) - FID(training-free",
        "< 0",
        differences.get(2).fid().upper95());
    assertMet(
        expectations,
        "FID(fine-tuned N=2) - FID(control",
        "< 0",
        differences.get(3).fid().upper95());
    assertMet(expectations, "FID of N=1 after", "< 0", differences.get(6).fid().value());
    assertMet(
        expectations,
        "cross-entropy of the last three",
        "< 0",
        lastThree(report.models().crossEntropy().get(6))
            - lastThree(report.models().crossEntropy().get(1)));
    assertMet(expectations, "size of the pack", "<= 25", report.models().packBytes() / 1_000_000.0);
    assertMet(
        expectations,
        "FID(N=2)",
        "<= 0",
        differences.get(1).fid().value() - 0.25 * differences.get(0).fid().value());
  }

  private static double lastThree(CrossEntropy model) {
    List<Double> nats = model.natsByScale();
    return (4 * nats.get(1) + 9 * nats.get(2) + 16 * nats.get(3)) / 29;
  }

  private static void assertMet(
      Map<String, Expectation> all, String start, String target, double measured) {
    Expectation expectation =
        all.values().stream()
            .filter(each -> each.text().startsWith(start))
            .findFirst()
            .orElseThrow();
    assertThat(expectation.target()).as(start).isEqualTo(target);
    assertThat(expectation.measured().orElseThrow()).as(start).isCloseTo(measured, within(1e-12));
    double bound = Double.parseDouble(target.replaceAll("[<>= ]", ""));
    boolean met =
        switch (target.replaceAll("[-0-9. ]", "")) {
          case ">=" -> measured >= bound;
          case "<=" -> measured <= bound;
          case ">" -> measured > bound;
          default -> measured < bound;
        };
    assertThat(expectation.met()).as(start).contains(met);
  }

  @Test
  void showsTheFirstFortySamplesOfEachPoint() throws IOException {
    List<String> classes = ShapeImages.of(1, 16, 1).classNames();
    List<String> captions = IntStream.range(0, 40).mapToObj(i -> classes.get(i % 10)).toList();

    try (Stream<Path> sheets = Files.list(out.resolve("sheets"))) {
      assertThat(sheets.map(sheet -> sheet.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(
                      Stream.of("held-out.png"),
                      report.samples().points().stream().map(point -> point.name() + ".png"))
                  .toList());
    }
    assertThat(ImageFile.read(out.resolve("sheets/code-n2.png")))
        .isEqualTo(ContactSheet.of(decoded("drafter", "refiner", 2), captions));
    assertThat(ImageFile.read(out.resolve("sheets/held-out.png")))
        .isEqualTo(ContactSheet.of(shapes(11, 40), captions));
  }

  @Test
  void aRunThatWasKilledGoesOnToTheSameReport() {
    Path resumed = folder.resolve("out");
    List<String> first = new ArrayList<>();
    IllegalStateException kill = new IllegalStateException("killed");

    assertThatThrownBy(
            () ->
                measured(
                    pack,
                    resumed,
                    line -> {
                      first.add(line);
                      if (first.size() == 8) {
                        throw kill;
                      }
                    }))
        .isSameAs(kill);
    List<String> second = new ArrayList<>();
    QualityReport report2 = measured(pack, resumed, second::add);
    List<String> third = new ArrayList<>();
    QualityReport report3 = measured(pack, resumed, third::add);

    assertThat(withoutSeconds(report2)).isEqualTo(withoutSeconds(report));
    // what was finished keeps its time
    assertThat(report3).isEqualTo(report2);
    assertThat(third).hasSize(20).allMatch(line -> line.endsWith(" images were measured before"));
    Set<String> computed = new HashSet<>(computed(first));
    computed.retainAll(computed(second));
    assertThat(computed).as("parts that were measured twice").isEmpty();
    assertThat(computed(first).size() + computed(second).size())
        .isEqualTo(computed(progress).size())
        .isEqualTo(1 + 19 * 2);
    assertThat(progress.get(0)).startsWith("reference: 60 of 60 images, ").endsWith(" 0 s left");
    assertThat(progress.get(1)).startsWith("reconstructions: 30 of 40 images, ");
  }

  /** Returns the name of the task and how far it was for each part that was computed. */
  private static List<String> computed(List<String> lines) {
    return lines.stream()
        .filter(line -> line.contains(" of "))
        .map(line -> line.substring(0, line.indexOf(" images, ")))
        .toList();
  }

  private static List<Object> withoutSeconds(QualityReport report) {
    return List.of(
        report.heldOut(),
        report.samples().differences(),
        report.samples().trend(),
        report.samples().points().stream()
            .map(point -> List.of(point.name(), point.plan(), point.fid(), point.classAgreement()))
            .toList(),
        report.models().crossEntropy(),
        report.models().files(),
        report.expectations());
  }

  @Test
  void anotherSettingMeasuresAgainWhatItDecides() throws IOException {
    Path work = Files.createDirectories(folder.resolve("out").resolve("work"));
    try (Stream<Path> parts = Files.list(out.resolve("work"))) {
      for (Path part : parts.toList()) {
        Files.copy(part, work.resolve(part.getFileName()));
      }
    }
    List<String> lines = new ArrayList<>();
    PackSettings warmer =
        new PackSettings(
            SETTINGS.guidance(),
            SamplingConfig.uniform(20, 0.96, 1.1, SCALES),
            SETTINGS.seeds(),
            SETTINGS.amounts(),
            SETTINGS.execution());

    try (PackModels opened = PackModels.open(pack)) {
      PackQuality.measure(opened, warmer, folder.resolve("out"), lines::add);
    }

    assertThat(computed(lines)).hasSize(2 * 9).allMatch(line -> !line.startsWith("cross-entropy"));
    assertThat(lines).contains("reference: 60 images were measured before");
    assertThat(lines).contains("reconstructions: 40 images were measured before");
  }

  @Test
  void leavesOutAndListsWhatHasNoModels() throws IOException {
    Path least = Files.createDirectory(folder.resolve("least"));
    TinyPack.writeLeast(least);

    QualityReport partial = measured(least, folder.resolve("out"), SILENT);

    assertThat(partial.samples().points())
        .extracting(Point::name)
        .containsExactly("drafter", "reconstructions", "real");
    assertThat(partial.missing())
        .containsExactly(
            new Missing("refiner", List.of("refiner")),
            new Missing("code-n1", List.of("refiner")),
            new Missing("code-n2", List.of("refiner")),
            new Missing("code-n3", List.of("refiner")),
            new Missing("tuned-n2", List.of("drafter-n2", "refiner-n2")),
            new Missing("control-n2", List.of("drafter-control", "refiner-control")),
            new Missing("refiner-last3", List.of("refiner-last3")),
            new Missing("last3-n1", List.of("refiner-last3")));
    assertThat(partial.point("drafter").orElseThrow().fid()).isEqualTo(point("drafter").fid());
    assertThat(partial.samples().differences()).isEmpty();
    assertThat(partial.samples().trend().spearman()).isEmpty();
    assertThat(partial.samples().trend().gapRatio()).isEmpty();
    assertThat(partial.models().cost().refinerPerImage()).isEmpty();
    assertThat(partial.models().crossEntropy()).hasSize(1);
    assertThat(partial.expectations()).hasSize(report.expectations().size());
    assertThat(partial.expectations())
        .filteredOn(each -> each.text().startsWith("Spearman"))
        .containsExactly(
            new Expectation(
                "Spearman(N, FID) over N = 1 to 3", "<= -0.8", Optional.empty(), Optional.empty()));
  }

  private static Point point(String name) {
    return report.point(name).orElseThrow();
  }

  private static double work(DecodePlan plan, GuidanceSchedule guidance) {
    return new PlanWork(plan, guidance, models.configs()).transformers(1) / 1e9;
  }

  private static FeatureRows rows(List<RgbImage> pictures) {
    return network.rows(pictures);
  }

  private static List<RgbImage> shapes(long seed, int count) {
    ShapeImages images = ShapeImages.of(seed, 16, count);
    return IntStream.range(0, count).mapToObj(images::image).toList();
  }

  /** Returns the images of all samples, batch by batch as the measurement makes them. */
  private static List<RgbImage> decoded(String drafter, String refiner, int draftScales) {
    ImageGenerator generator =
        new ImageGenerator(
            models,
            new DecodeConfig(
                DecodePlan.collaborative(drafter, refiner, draftScales, SCALES),
                SETTINGS.guidance(),
                SETTINGS.sampling(),
                PixelRounding.NEAREST));
    List<RgbImage> images = new ArrayList<>();
    for (int first = 0; first < IMAGES; first += 3) {
      int start = first;
      List<Sample> samples =
          IntStream.range(0, 3).mapToObj(i -> new Sample(start + i, (start + i) % 10)).toList();
      LatencyRecorder latency = new LatencyRecorder(LatencyMode.OFF, () -> {});
      images.addAll(
          generator.generate(BatchRequest.of(5, samples), latency, DecodeObserver.NONE).images());
    }
    return images.subList(0, IMAGES);
  }

  /** Returns the tokens of all held-out pictures by scale. */
  private static List<long[]> tokens() {
    try (WeightSource source = WeightFiles.open(TinyPack.file(pack, "tokeniser").toString());
        ImageEncoder encoder =
            ImageEncoder.load(source, TinyPack.SCHEDULE, Precision.FP32, DeviceSpec.CPU)) {
      return new TokenEncoder(encoder, DeviceSpec.CPU).encode(shapes(11, IMAGES));
    }
  }

  private static List<RgbImage> reconstructions() {
    return new TokenDecoder(models.tokenizer(), TinyPack.SCHEDULE, DeviceSpec.CPU)
        .decode(tokens(), PixelRounding.NEAREST, DecodeObserver.NONE);
  }

  private static double meanSquaredError(RgbImage picture, RgbImage other) {
    byte[] expected = picture.rgb();
    byte[] actual = other.rgb();
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      sum += Math.pow((expected[i] & 0xff) - (actual[i] & 0xff), 2);
    }
    return sum / expected.length;
  }

  private static double plainAgreement(FeatureRows rows) {
    long right =
        IntStream.range(0, rows.count()).filter(i -> rows.likeliestClass(i) == i % 10).count();
    return (double) right / rows.count();
  }

  private static double plainEntropy(long[] ids) {
    double entropy = 0;
    for (long id = 0; id < 32; id++) {
      long wanted = id;
      double share =
          (double) Arrays.stream(ids).filter(each -> each == wanted).count() / ids.length;
      entropy -= share == 0 ? 0 : share * Math.log(share);
    }
    return entropy;
  }

  /** The error of a number from what it is without each of twenty groups of equal size. */
  private static double plainError(double[] without) {
    double mean = Arrays.stream(without).average().orElseThrow();
    double squares = Arrays.stream(without).map(each -> (each - mean) * (each - mean)).sum();
    return Math.sqrt(squares * 19 / 20);
  }

  private static double plainFid(
      FeatureRows rows, Set<Integer> left, GaussianStatistics reference) {
    return FrechetDistance.between(reference, plainStatistics(rows, left), new JacobiAlgebra());
  }

  private static GaussianStatistics plainStatistics(FeatureRows rows, Set<Integer> left) {
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < rows.count(); i++) {
      if (!left.contains(i)) {
        vectors.add(rows.features(i));
      }
    }
    int d = vectors.get(0).length;
    double[] mean = new double[d];
    vectors.forEach(v -> Arrays.setAll(mean, i -> mean[i] + (double) v[i] / vectors.size()));
    double[] covariance = new double[d * d];
    for (float[] v : vectors) {
      for (int i = 0; i < d * d; i++) {
        covariance[i] += (v[i / d] - mean[i / d]) * (v[i % d] - mean[i % d]);
      }
    }
    return GaussianStatistics.of(
        mean,
        Matrix.of(
            d, d, Arrays.stream(covariance).map(each -> each / (vectors.size() - 1)).toArray()));
  }
}
