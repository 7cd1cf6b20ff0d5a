package io.tandem.pack;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import io.tandem.dataset.ShapeImages;
import io.tandem.fid.FeatureMoments;
import io.tandem.fid.FrechetDistance;
import io.tandem.fid.Jackknife;
import io.tandem.fid.LinearAlgebra;
import io.tandem.fid.Reference;
import io.tandem.fid.ReferenceFile;
import io.tandem.fid.SpearmanCorrelation;
import io.tandem.image.ContactSheet;
import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import io.tandem.kernel.LibTorch;
import io.tandem.kernel.LibTorchAlgebra;
import io.tandem.metrics.PlanWork;
import io.tandem.metrics.WorkCount;
import io.tandem.model.ScaleSchedule;
import io.tandem.pack.QualityReport.Agreement;
import io.tandem.pack.QualityReport.Cost;
import io.tandem.pack.QualityReport.CrossEntropy;
import io.tandem.pack.QualityReport.Difference;
import io.tandem.pack.QualityReport.Estimate;
import io.tandem.pack.QualityReport.HeldOut;
import io.tandem.pack.QualityReport.Missing;
import io.tandem.pack.QualityReport.ModelFile;
import io.tandem.pack.QualityReport.Models;
import io.tandem.pack.QualityReport.Point;
import io.tandem.pack.QualityReport.Psnr;
import io.tandem.pack.QualityReport.Samples;
import io.tandem.pack.QualityReport.Speed;
import io.tandem.pack.QualityReport.Trend;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.PerScale;
import io.tandem.quality.ClassAgreement;
import io.tandem.quality.PeakSignalToNoise;
import io.tandem.quality.TokenStatistics;
import io.tandem.sample.SamplingConfig;
import io.tandem.vq.ImageEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Measures a trained demo pack: each model and plan on the same samples, against reference
 * statistics of other pictures.
 *
 * <p>Finished parts are kept in the folder {@value #WORK} of the output, named by all that decides
 * them, so that a run after one that was killed repeats at most a few hundred images, and gives the
 * same report but for the seconds of what it had to repeat.
 */
public final class PackQuality {

  /** File of the reference in the output folder: statistics and the features themselves. */
  public static final String REFERENCE = "reference.npz";

  /** Folder of finished parts in the output folder. */
  public static final String WORK = "work";

  /** Folder of the contact sheets {@code <point>.png} in the output folder. */
  public static final String SHEETS = "sheets";

  private static final String REAL = "real";

  /** Batches that are kept in the work folder together. */
  private static final int PART_BATCHES = 10;

  private final LoadedPack pack;
  private final PackModels sources;
  private final PackSettings settings;
  private final ScaleSchedule schedule;
  private final Path out;
  private final WorkFolder work;
  private final LinearAlgebra algebra = new LibTorchAlgebra();
  private final List<Point> points = new ArrayList<>();
  private final Map<String, List<FeatureMoments>> moments = new LinkedHashMap<>();
  private final List<Missing> missing = new ArrayList<>();

  private PackQuality(LoadedPack pack, Path out, Consumer<String> progress) {
    this.pack = pack;
    this.sources = pack.sources();
    this.settings = pack.settings();
    this.schedule = sources.latent().schedule();
    this.out = out;
    WorkFolder.create(out.resolve(SHEETS));
    this.work = WorkFolder.open(out.resolve(WORK), progress);
  }

  /**
   * Measures {@code pack}, which stays open, and writes reference statistics and contact sheets.
   * Points whose models are missing are left out and listed.
   *
   * @param settings the same for all models
   * @param out folder that is made if need be; one that an earlier run wrote to is gone on with
   * @param progress gets lines that say how far it is
   * @throws UserError if the settings do not fit the pack, or a file cannot be written
   */
  public static QualityReport measure(
      PackModels pack, PackSettings settings, Path out, Consumer<String> progress) {
    settings.requireFits(pack.scales(), pack.classes());
    try (LoadedPack loaded = LoadedPack.load(pack, settings)) {
      return new PackQuality(loaded, out, progress).measured();
    }
  }

  private QualityReport measured() {
    Reference reference =
        ReferenceStatistics.compute(
            shapes(settings.seeds().reference(), settings.amounts().referenceImages()),
            pack.reader(),
            work);
    ReferenceFile.write(out.resolve(REFERENCE), reference, Optional.empty());
    FrechetDistance toReference = FrechetDistance.to(reference.features(), algebra);

    ShapeImages heldOutImages = shapes(settings.seeds().heldOut(), settings.amounts().images());
    List<ReconstructionPart> reconstructions = reconstructions(heldOutImages);
    HeldOut heldOut = heldOut(heldOutImages, reconstructions);
    for (PackPoint point : PackPoint.all(schedule.scales())) {
      measure(point, toReference);
    }
    SampleSet reconstructed =
        SampleSet.of(reconstructions.stream().map(ReconstructionPart::samples).toList());
    add(
        ReconstructionTask.NAME,
        Optional.empty(),
        reconstructed,
        Optional.of(speed(reconstructed, Optional.empty())),
        toReference);
    ShapeImages real = shapes(settings.seeds().real(), settings.amounts().images());
    add(
        REAL,
        Optional.empty(),
        SampleSet.of(parts(new PictureTask(REAL, real, pack.reader()))),
        Optional.empty(),
        toReference);

    Samples samples =
        new Samples(
            settings.amounts().images(),
            settings.amounts().referenceImages(),
            points,
            differences(toReference),
            trend());
    Models models = models(reconstructions, heldOutImages);
    return new QualityReport(
        setting(),
        heldOut,
        samples,
        models,
        Expectations.of(schedule, heldOut, samples, models),
        missing);
  }

  private ShapeImages shapes(long seed, int count) {
    return ShapeImages.of(seed, sources.side(), count);
  }

  private <T> List<T> parts(WorkFolder.Task<T> task) {
    PackSettings.Amounts amounts = settings.amounts();
    return work.parts(task, amounts.images(), PART_BATCHES * amounts.batchSize());
  }

  private List<ReconstructionPart> reconstructions(ShapeImages images) {
    try (ImageEncoder encoder =
        ImageEncoder.load(
            sources.tokeniser(),
            schedule,
            settings.execution().precision(),
            settings.execution().device())) {
      return parts(new ReconstructionTask(images, pack, encoder));
    }
  }

  private HeldOut heldOut(ShapeImages images, List<ReconstructionPart> reconstructions) {
    String name = "held-out";
    SampleSet originals = SampleSet.of(parts(new PictureTask(name, images, pack.reader())));
    sheet(name, originals.shown());
    PeakSignalToNoise ratio = new PeakSignalToNoise();
    int channels = 3 * images.side() * images.side();
    reconstructions.stream()
        .flatMap(part -> part.squaredErrors().stream())
        .forEach(errors -> ratio.add(errors, channels));
    HeldOutTokens tokens = HeldOutTokens.of(schedule, reconstructions);
    TokenStatistics statistics = new TokenStatistics(schedule, sources.latent().vocabulary());
    List<long[]> maps = tokens.maps(0, tokens.pictures().size());
    IntStream.range(0, maps.size()).forEach(scale -> statistics.add(scale, maps.get(scale)));
    SampleSet reconstructed =
        SampleSet.of(reconstructions.stream().map(ReconstructionPart::samples).toList());
    return new HeldOut(
        settings.amounts().images(),
        new Psnr(ratio.meanOfPictures(), ratio.pooled()),
        statistics.codesUsedShare(),
        IntStream.range(0, maps.size()).mapToObj(statistics::entropy).toList(),
        agreement(reconstructed).share(),
        agreement(originals).share());
  }

  private Agreement agreement(SampleSet samples) {
    ClassAgreement agreement = samples.agreement(sources.classes());
    return new Agreement(
        agreement.share().orElseThrow(),
        IntStream.range(0, sources.classes())
            .mapToObj(label -> agreement.share(label).orElseThrow())
            .toList());
  }

  private void measure(PackPoint point, FrechetDistance toReference) {
    List<String> absent =
        point.plan().models().stream()
            .filter(model -> !sources.transformers().containsKey(model))
            .toList();
    if (!absent.isEmpty()) {
      missing.add(new Missing(point.name(), absent));
      return;
    }
    SampleSet samples = SampleSet.of(parts(new DecodeTask(point, pack)));
    Speed speed = speed(samples, Optional.of(gigaflop(point.plan())));
    add(point.name(), Optional.of(point), samples, Optional.of(speed), toReference);
  }

  private static Speed speed(SampleSet samples, Optional<Double> gigaflop) {
    double seconds = samples.nanos() / 1e9;
    return new Speed(seconds, samples.features().size() / seconds, gigaflop);
  }

  /** Returns the work of the transformers for an image. */
  private double gigaflop(DecodePlan plan) {
    return new PlanWork(plan, settings.guidance(), sources.configs()).transformers(1) / 1e9;
  }

  private void add(
      String name,
      Optional<PackPoint> point,
      SampleSet samples,
      Optional<Speed> speed,
      FrechetDistance toReference) {
    sheet(name, samples.shown());
    List<FeatureMoments> blocks = samples.blocks();
    moments.put(name, blocks);
    points.add(
        new Point(
            name,
            point.map(each -> each.plan().toString()),
            point.flatMap(PackPoint::draftScales),
            Estimate.of(Jackknife.of(blocks, each -> toReference.from(each.statistics()))),
            agreement(samples),
            speed));
  }

  private void sheet(String name, List<RgbImage> shown) {
    List<String> classes = ShapeImages.of(0, sources.side(), 1).classNames();
    List<String> captions =
        IntStream.range(0, shown.size()).mapToObj(i -> classes.get(i % classes.size())).toList();
    Path file = out.resolve(SHEETS).resolve(name + ".png");
    try (StagedFile staged = StagedFile.beside(file)) {
      Files.write(staged.path(), PngCodec.encode(ContactSheet.of(shown, captions)));
      staged.commit();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write '%s': %s", file, e);
    }
  }

  private List<Difference> differences(FrechetDistance toReference) {
    int scales = schedule.scales();
    String code = PackPoint.code(PackModels.tunedDraftScales(scales));
    String tuned = PackPoint.tuned(scales);
    String control = PackPoint.control(scales);
    List<List<String>> pairs =
        List.of(
            List.of(PackModels.REFINER, PackModels.DRAFTER),
            List.of(code, PackModels.DRAFTER),
            List.of(tuned, code),
            List.of(tuned, control),
            List.of(control, code),
            List.of(PackModels.LAST_THREE_REFINER, PackModels.REFINER),
            List.of(PackPoint.lastThree(scales), PackPoint.code(scales - 3)));
    List<Difference> differences = new ArrayList<>();
    for (List<String> pair : pairs) {
      if (moments.keySet().containsAll(pair)) {
        Jackknife.Estimate estimate =
            Jackknife.ofDifference(
                moments.get(pair.get(0)),
                moments.get(pair.get(1)),
                each -> toReference.from(each.statistics()));
        differences.add(new Difference(pair.get(0), pair.get(1), Estimate.of(estimate)));
      }
    }
    return differences;
  }

  private Trend trend() {
    int scales = schedule.scales();
    double[] draftScales = IntStream.range(1, scales).asDoubleStream().toArray();
    double[] fids =
        IntStream.range(1, scales)
            .mapToObj(n -> fid(PackPoint.code(n)))
            .flatMap(Optional::stream)
            .mapToDouble(Double::doubleValue)
            .toArray();
    boolean correlates =
        fids.length == draftScales.length && Arrays.stream(fids).distinct().count() > 1;
    Optional<Double> ratio =
        fid(PackModels.DRAFTER)
            .flatMap(
                drafter ->
                    fid(PackModels.REFINER)
                        .map(
                            refiner ->
                                (fids[PackModels.tunedDraftScales(scales) - 1] - drafter)
                                    / (refiner - drafter)));
    return new Trend(
        correlates ? Optional.of(SpearmanCorrelation.of(draftScales, fids)) : Optional.empty(),
        ratio.filter(Double::isFinite));
  }

  private Optional<Double> fid(String point) {
    return points.stream()
        .filter(each -> each.name().equals(point))
        .map(each -> each.fid().value())
        .findFirst();
  }

  private Models models(List<ReconstructionPart> reconstructions, ShapeImages heldOut) {
    List<CrossEntropy> entropies = new ArrayList<>();
    HeldOutTokens tokens = HeldOutTokens.of(schedule, reconstructions);
    String identity = heldOut.identity() + "\n" + pack.tokeniserIdentity();
    for (String model : sources.transformers().keySet()) {
      List<List<Double>> sums = parts(new CrossEntropyTask(model, pack, tokens, identity));
      entropies.add(crossEntropy(model, sums));
    }
    List<ModelFile> files = new ArrayList<>();
    sources.shipped().forEach((name, source) -> files.add(new ModelFile(name, source.bytes())));
    files.add(new ModelFile(REFERENCE, bytes(out.resolve(REFERENCE))));
    return new Models(entropies, cost(), files, files.stream().mapToLong(ModelFile::bytes).sum());
  }

  private static long bytes(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s", file, e);
    }
  }

  private CrossEntropy crossEntropy(String model, List<List<Double>> sums) {
    List<Double> nats = new ArrayList<>();
    double total = 0;
    for (int scale = 0; scale < schedule.scales(); scale++) {
      int at = scale;
      double sum = sums.stream().mapToDouble(part -> part.get(at)).sum();
      nats.add(sum / settings.amounts().images() / schedule.tokens(scale));
      total += sum;
    }
    return new CrossEntropy(
        model, nats, total / settings.amounts().images() / schedule.totalTokens());
  }

  private Cost cost() {
    Optional<Double> drafter = plainGigaflop(PackModels.DRAFTER);
    Optional<Double> refiner = plainGigaflop(PackModels.REFINER);
    return new Cost(
        drafter,
        refiner,
        WorkCount.imageDecoder(sources.tokeniserConfig(), schedule.finestSide()) / 1e9,
        ratio(drafter, refiner),
        ratio(seconds(PackModels.DRAFTER), seconds(PackModels.REFINER)));
  }

  private Optional<Double> plainGigaflop(String model) {
    return Optional.of(model)
        .filter(sources.configs()::containsKey)
        .map(name -> gigaflop(DecodePlan.single(name, schedule.scales())));
  }

  private Optional<Double> seconds(String point) {
    return points.stream()
        .filter(each -> each.name().equals(point))
        .flatMap(each -> each.speed().stream())
        .map(Speed::seconds)
        .findFirst();
  }

  private static Optional<Double> ratio(Optional<Double> numerator, Optional<Double> denominator) {
    return numerator.flatMap(above -> denominator.map(below -> above / below));
  }

  private QualityReport.Setting setting() {
    SamplingConfig sampling = settings.sampling();
    return new QualityReport.Setting(
        new QualityReport.Sampling(
            settings.guidance().toString(),
            new PerScale<>(sampling.topK()).toString(),
            new PerScale<>(sampling.topP()).toString(),
            new PerScale<>(sampling.temperature()).toString(),
            sampling.selection().name().toLowerCase(Locale.ROOT)),
        settings.seeds(),
        settings.amounts(),
        new QualityReport.Execution(
            settings.execution().precision().name().toLowerCase(Locale.ROOT),
            settings.execution().device().toString(),
            LibTorch.threads(),
            LibTorch.version()));
  }
}
