package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.executor.FeatureSpec;
import io.tandem.features.FeatureIdentity;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.GaussianStatistics;
import io.tandem.fid.Reference;
import io.tandem.kernel.LibTorch;
import io.tandem.table.FeatureStore;
import io.tandem.table.MetricsTable;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Compares images with a reference. Features come first, each computed once and kept; then sums
 * over blocks of samples, by Spark; then the metrics, here.
 *
 * <p>What can be wrong without looking at a picture is found before Spark starts.
 */
public final class EvaluateJob {

  /** Features of this many real pictures are compared one by one, if there are more. */
  static final int MOST_REAL = 10_000;

  private final EvaluateRequest request;
  private final GenerateJob.Software software;
  private final Consumer<String> messages;
  private final Seconds seconds = new Seconds();

  /**
   * Prepares a job, which runs once.
   *
   * @param messages takes lines on how it goes
   */
  public EvaluateJob(
      EvaluateRequest request, GenerateJob.Software software, Consumer<String> messages) {
    this.request = request;
    this.software = software;
    this.messages = messages;
  }

  /** Features of pictures of a reference, and what is known of a reference beside them. */
  private record Compared(
      ReferenceInput input,
      Optional<FeatureStage.Features> pictures,
      GaussianStatistics features,
      Optional<GaussianStatistics> spatial,
      Optional<FeatureSet> sample) {

    /** Returns the class of each sampled picture, if the sample is of all pictures. */
    Optional<int[]> classes() {
      return pictures
          .map(each -> each.table().classes())
          .filter(labels -> sample.isPresent() && labels.length == sample.get().size());
    }
  }

  /**
   * Computes all metrics, and adds a row to the table {@code metrics} of the run that the images
   * are of.
   *
   * @throws io.tandem.base.UserError if images, reference, network and metrics do not fit together
   */
  public Evaluation run() {
    FeatureNetworkSource network =
        seconds.of(
            "network",
            () -> FeatureNetworkSource.open(request.features().network(), request.profile()));
    ReferenceInput input = seconds.of("reference", () -> ReferenceInput.open(request.reference()));
    checkReference(input, network.identity());
    FeatureSpec.Taps taps =
        request.metrics().contains(Metric.SFID)
            ? FeatureSpec.Taps.FEATURES_AND_SPATIAL
            : FeatureSpec.Taps.FEATURES;
    try (FeatureStage stage = FeatureStage.start(request.features(), network, taps, messages)) {
      FeatureStage.Features images = seconds.of("features", () -> stage.features(request.images()));
      check(
          images.table().samples() >= 2,
          "Cannot evaluate '%s': it has %d usable images (at least 2)",
          request.images(),
          images.table().samples());
      Compared compared = compared(input, stage);
      EvaluatedMetrics metrics = metrics(images.table(), compared);
      Evaluation evaluation = evaluation(stage, images, compared, metrics);
      images.run().ifPresent(run -> append(stage, run, evaluation));
      return evaluation;
    }
  }

  private void checkReference(ReferenceInput input, FeatureIdentity features) {
    input.statistics().ifPresent(there -> ReferenceIdentity.require(input.name(), there, features));
    if (input.statistics().isEmpty()) {
      return;
    }
    Reference statistics = input.statistics().get();
    check(
        !request.metrics().contains(Metric.SFID) || statistics.spatial().isPresent(),
        "Cannot compute sfid with the reference '%s': it has no statistics of spatial features"
            + " (mu_s and sigma_s). Leave sfid out of --metrics, or make a reference that has them.",
        input.name());
    for (Metric metric : new Metric[] {Metric.PR, Metric.KID}) {
      check(
          !request.metrics().contains(metric)
              || statistics.sample().isPresent()
              || input.pictures().isPresent(),
          "Cannot compute %s with the reference '%s': it has statistics alone (pictures in arr_0, or"
              + " a sample of features, are needed). Leave %s out of --metrics, or make a reference"
              + " with 'tandem reference'.",
          metric.label(),
          input.name(),
          metric.label());
    }
  }

  /** Pictures of the reference go through the network only if its file does not do. */
  private Compared compared(ReferenceInput input, FeatureStage stage) {
    boolean isSampled =
        request.metrics().contains(Metric.PR) || request.metrics().contains(Metric.KID);
    Optional<FeatureSet> sample = input.statistics().flatMap(Reference::sample);
    boolean areNeeded = input.statistics().isEmpty() || (isSampled && sample.isEmpty());
    Optional<FeatureStage.Features> pictures =
        areNeeded
            ? input
                .pictures()
                .map(path -> seconds.of("reference features", () -> stage.features(path)))
            : Optional.empty();
    if (isSampled && sample.isEmpty()) {
      sample =
          pictures.map(
              real ->
                  real.table().fits(2L * real.table().samples())
                      ? real.table().vectors("precision")
                      : real.table().sample(MOST_REAL));
    }
    if (input.statistics().isPresent()) {
      Reference there = input.statistics().get();
      return new Compared(input, pictures, there.features(), there.spatial(), sample);
    }
    FeatureTable table = pictures.orElseThrow().table();
    return new Compared(
        input,
        pictures,
        statistics(table, FeatureStore.Tap.FEATURES),
        request.metrics().contains(Metric.SFID)
            ? Optional.of(statistics(table, FeatureStore.Tap.SPATIAL))
            : Optional.empty(),
        sample);
  }

  private GaussianStatistics statistics(FeatureTable table, FeatureStore.Tap tap) {
    return seconds.of(
        "reference statistics",
        () -> {
          TaskFailures.explained(
              () -> table.store().sum(table.found(), table.facts(), Optional.empty()));
          return FeatureStore.total(table.store().moments(table.found(), table.facts(), tap))
              .statistics();
        });
  }

  private EvaluatedMetrics metrics(FeatureTable images, Compared compared) {
    EvaluatedMetrics metrics = new EvaluatedMetrics(request, images, seconds);
    metrics.warnOfImages();
    compared
        .pictures()
        .map(each -> each.table().sizes().keySet())
        .filter(sizes -> !sizes.equals(images.sizes().keySet()))
        .ifPresent(
            sizes ->
                metrics.warn(
                    "the images have %s pixels, those of the reference %s"
                        .formatted(
                            String.join(", ", images.sizes().keySet()), String.join(", ", sizes))));
    ReferenceIdentity.line(compared.input.statistics().flatMap(Reference::identity), "size")
        .filter(size -> !images.sizes().containsKey(size))
        .ifPresent(
            size ->
                metrics.warn(
                    "the images have %s pixels, those of the reference %s"
                        .formatted(String.join(", ", images.sizes().keySet()), size)));
    boolean isOfUnknown =
        compared.input.statistics().isPresent()
            && compared.input.statistics().get().identity().isEmpty();
    if (isOfUnknown) {
      metrics.warn(
          "the reference does not say of which network and profile it is; it has the right number"
              + " of features");
    }
    metrics.sum();
    if (request.metrics().contains(Metric.FID)) {
      metrics.frechet("fid", FeatureStore.Tap.FEATURES, compared.features);
    }
    if (request.metrics().contains(Metric.SFID)) {
      metrics.frechet("sfid", FeatureStore.Tap.SPATIAL, compared.spatial.orElseThrow());
    }
    if (request.metrics().contains(Metric.IS)) {
      metrics.inceptionScore();
    }
    metrics.ofVectors(compared.features, compared.sample, compared.classes());
    return metrics;
  }

  private Evaluation evaluation(
      FeatureStage stage,
      FeatureStage.Features images,
      Compared compared,
      EvaluatedMetrics metrics) {
    FeatureIdentity features = stage.identity();
    FeatureTable table = images.table();
    Map<String, String> versions = new TreeMap<>(software.versions());
    versions.put("libtorch", LibTorch.version());
    versions.put("spark", stage.spark().session().version());
    Optional<FeatureTable> pictures = compared.pictures.map(FeatureStage.Features::table);
    return new Evaluation(
        metrics.values(),
        metrics.errors(),
        new Evaluation.Images(
            request.images(),
            images.run().map(FeatureStage.Run::runId),
            table.samples(),
            String.join(", ", table.sizes().keySet()),
            table.formats(),
            table.sha256()),
        new Evaluation.ReferenceUsed(
            request.reference(),
            compared.input.sha256().isEmpty()
                ? pictures.map(FeatureTable::sha256).orElse("")
                : compared.input.sha256(),
            compared.input.statistics().flatMap(Reference::identity).orElse(""),
            compared.features.count().orElse(-1),
            compared.sample.map(FeatureSet::size).orElse(0)),
        new Evaluation.Findings(
            metrics.warnings(), table.failed(), table.unusable(), metrics.perClass()),
        new Evaluation.Conditions(
            request.profile().label(),
            new Evaluation.Network(
                features.network(), features.weightsSha256(), features.dimension()),
            table.store().folder(),
            versions,
            seconds.all(),
            Instant.now().toString()));
  }

  private static void append(FeatureStage stage, FeatureStage.Run run, Evaluation evaluation) {
    Evaluation.Network network = evaluation.conditions().network();
    Map<String, Double> values = new LinkedHashMap<>(evaluation.values());
    evaluation.errors().forEach((name, error) -> values.put(name + "_error", error));
    values.put("seconds", evaluation.conditions().seconds().get("total"));
    MetricsTable.append(
        stage.spark().session(),
        run.root(),
        new MetricsTable.MetricsRow(
            evaluation.conditions().instant(),
            Map.of(
                "run_id", run.runId(),
                "profile", evaluation.conditions().profile(),
                "network", network.name(),
                "weights_sha256", network.weightsSha256(),
                "images_sha256", evaluation.images().sha256(),
                "reference", evaluation.reference().path(),
                "reference_sha256", evaluation.reference().sha256(),
                "reference_identity", evaluation.reference().identity()),
            Map.of(
                "samples", evaluation.images().samples(),
                "failed", (long) evaluation.findings().failed().size(),
                "unusable", (long) evaluation.findings().unusable().size(),
                "dimension", (long) network.dimension(),
                "reference_samples", evaluation.reference().samples()),
            values,
            evaluation.findings().warnings(),
            evaluation.conditions().versions()));
  }
}
