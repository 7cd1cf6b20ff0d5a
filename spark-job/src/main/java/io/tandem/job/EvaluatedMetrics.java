package io.tandem.job;

import io.tandem.executor.BlockSums;
import io.tandem.fid.FeatureMoments;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.FrechetDistance;
import io.tandem.fid.GaussianStatistics;
import io.tandem.fid.Jackknife;
import io.tandem.fid.LinearAlgebra;
import io.tandem.kernel.LibTorchAlgebra;
import io.tandem.scores.Balls;
import io.tandem.scores.ClassOrder;
import io.tandem.scores.ClassScores;
import io.tandem.scores.FidInfinity;
import io.tandem.scores.InceptionScore;
import io.tandem.scores.KernelDistance;
import io.tandem.scores.PrecisionRecall;
import io.tandem.scores.SplitRule;
import io.tandem.table.FeatureStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Computes the metrics of one evaluation, one after another, and collects them. */
final class EvaluatedMetrics {

  /** With fewer samples than Inception has features, FID says little. */
  private static final int FEW = 2048;

  private static final int SEED = 2020;

  private final EvaluateRequest request;
  private final FeatureTable images;
  private final Seconds seconds;
  private final LinearAlgebra algebra = new LibTorchAlgebra();
  private final Map<String, Double> values = new LinkedHashMap<>();
  private final Map<String, Double> errors = new LinkedHashMap<>();
  private final Map<String, SortedMap<Integer, Double>> perClass = new LinkedHashMap<>();
  private final List<String> warnings = new ArrayList<>();
  private final int[] classes;
  private List<InceptionScore> scores = List.of();

  EvaluatedMetrics(EvaluateRequest request, FeatureTable images, Seconds seconds) {
    this.request = request;
    this.images = images;
    this.seconds = seconds;
    this.classes = images.classes();
  }

  Map<String, Double> values() {
    return values;
  }

  Map<String, Double> errors() {
    return errors;
  }

  Map<String, SortedMap<Integer, Double>> perClass() {
    return perClass;
  }

  List<String> warnings() {
    return warnings;
  }

  void warn(String warning) {
    warnings.add(warning);
  }

  /** Says what is to be known of the images themselves. */
  void warnOfImages() {
    int samples = images.samples();
    if (samples < FEW) {
      warn("%,d images: FID of fewer than %,d is far too high".formatted(samples, FEW));
    }
    long jpegs = images.formats().getOrDefault("jpeg", 0L);
    if (jpegs > 0) {
      warn("%,d images are JPEG files, whose losses FID sees".formatted(jpegs));
    }
    if (!images.failed().isEmpty()) {
      warn("%,d samples failed and have no image".formatted(images.failed().size()));
    }
    if (!images.unusable().isEmpty()) {
      warn("%,d images cannot be read and were passed over".formatted(images.unusable().size()));
    }
    warnOfClasses();
    request.metrics().forEach(metric -> metric.caveat(request.profile()).ifPresent(this::warn));
  }

  private void warnOfClasses() {
    TreeMap<Integer, Integer> counts = new TreeMap<>();
    Arrays.stream(classes)
        .filter(label -> label >= 0)
        .forEach(l -> counts.merge(l, 1, Integer::sum));
    int most = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    int fewest = counts.values().stream().mapToInt(Integer::intValue).min().orElse(0);
    if (most > fewest + 1) {
      warn("classes are not balanced: they have from %,d to %,d images".formatted(fewest, most));
    }
    boolean isInOrder =
        request.metrics().contains(Metric.IS)
            && splits().order() == SplitRule.Order.INDEX
            && splits().splits(images.samples()) > 1;
    if (isInOrder && areKnown() && ClassOrder.isByClass(classes)) {
      warn(
          "the images are stored class by class, so that the splits of is have few classes each and"
              + " it is far too low");
    }
  }

  private boolean areKnown() {
    return Arrays.stream(classes).allMatch(label -> label >= 0);
  }

  private SplitRule splits() {
    return Metric.splits(request.profile());
  }

  /** Sums over blocks of samples, by Spark. */
  void sum() {
    Optional<BlockSums.ScoreOf> score =
        request.metrics().contains(Metric.IS)
            ? Optional.of(new BlockSums.ScoreOf(splits(), images.logits(), images.samples()))
            : Optional.empty();
    // Refuses too few samples before any task does.
    score.ifPresent(of -> of.rule().splits(of.samples()));
    scores =
        seconds.of(
            "sums",
            () ->
                TaskFailures.explained(
                    () -> images.store().sum(images.found(), images.facts(), score)));
  }

  /** Computes a Fréchet distance. */
  void frechet(String name, FeatureStore.Tap tap, GaussianStatistics reference) {
    FrechetDistance distance = seconds.of(name, () -> FrechetDistance.to(reference, algebra));
    List<FeatureStore.MomentFile> blocks =
        images.store().moments(images.found(), images.facts(), tap);
    FeatureMoments total = seconds.of("moments", () -> FeatureStore.total(blocks));
    double whole = seconds.of(name, () -> distance.from(total.statistics()));
    values.put(name, whole);
    if (request.extent().errors() == EvaluateRequest.Errors.JACKKNIFE) {
      seconds.of(
          name + " error",
          () -> {
            error(name, tap, blocks, total, distance, whole);
            return whole;
          });
    }
  }

  private void error(
      String name,
      FeatureStore.Tap tap,
      List<FeatureStore.MomentFile> blocks,
      FeatureMoments total,
      FrechetDistance distance,
      double whole) {
    if (total.count() < 2L * Jackknife.GROUPS) {
      warn(
          "%s: no error, since there are fewer than %d samples"
              .formatted(name, 2 * Jackknife.GROUPS));
      return;
    }
    List<FeatureMoments> groups =
        blocks.size() >= Jackknife.GROUPS
            ? Jackknife.groups(FeatureStore.iterator(blocks), blocks.size())
            : smallGroups(tap, total);
    double[] without =
        groups.stream()
            .mapToDouble(group -> distance.from(total.minus(group).statistics()))
            .toArray();
    long[] sizes = groups.stream().mapToLong(FeatureMoments::count).toArray();
    errors.put(name, Jackknife.estimate(whole, without, sizes).standardError());
  }

  /** Where blocks are fewer than groups, groups are summed anew. */
  private List<FeatureMoments> smallGroups(FeatureStore.Tap tap, FeatureMoments total) {
    List<FeatureMoments> groups = new ArrayList<>();
    List<float[]> vectors = new ArrayList<>();
    long[] place = {0};
    images
        .store()
        .forEachVector(
            images.found(),
            tap,
            vector -> {
              vectors.add(vector);
              long end = (groups.size() + 1L) * total.count() / Jackknife.GROUPS;
              if (++place[0] == end) {
                groups.add(FeatureMoments.of(total.centre(), vectors));
                vectors.clear();
              }
            });
    return groups;
  }

  /** Puts the Inception Score together. */
  void inceptionScore() {
    InceptionScore whole = new InceptionScore(splits(), images.logits(), images.samples());
    scores.forEach(whole::add);
    InceptionScore.Result result = seconds.of("is", whole::result);
    values.put("is", result.mean());
    if (Double.isFinite(result.deviation())) {
      values.put("is_std", result.deviation());
    }
    if (request.extent().errors() == EvaluateRequest.Errors.JACKKNIFE) {
      result.standardError().ifPresent(error -> errors.put("is", error));
    }
  }

  /** Computes what needs the features themselves. */
  void ofVectors(
      GaussianStatistics reference, Optional<FeatureSet> real, Optional<int[]> realClasses) {
    boolean isPaired =
        request.metrics().contains(Metric.PR) || request.metrics().contains(Metric.KID);
    if (!isPaired && !request.metrics().contains(Metric.FID_INFINITY)) {
      return;
    }
    FeatureSet generated =
        seconds.of(
            "vectors",
            () ->
                images.vectors(
                    isPaired ? "precision, recall or KID" : Metric.FID_INFINITY.label()));
    if (request.metrics().contains(Metric.PR)) {
      precision(generated, real.orElseThrow());
    }
    if (request.metrics().contains(Metric.KID)) {
      kernelDistance(generated, real.orElseThrow(), realClasses);
    }
    if (request.metrics().contains(Metric.FID_INFINITY)) {
      FidInfinity.Line line =
          seconds.of(
              Metric.FID_INFINITY.label(),
              () ->
                  FidInfinity.of(generated, FrechetDistance.to(reference, algebra), SEED, algebra));
      values.put("fid_infinity", line.intercept());
    }
  }

  private void precision(FeatureSet generated, FeatureSet real) {
    PrecisionRecall.Rule rule = Metric.balls();
    PrecisionRecall.Overlap overlap =
        seconds.of(
            Metric.PR.label(),
            () ->
                PrecisionRecall.Overlap.of(
                    Balls.of(real, rule.neighbours(), algebra),
                    Balls.of(generated, rule.neighbours(), algebra),
                    rule,
                    algebra));
    PrecisionRecall.Result result = PrecisionRecall.Result.of(List.of(overlap), real.size(), rule);
    values.put("precision", result.precision());
    values.put("recall", result.recall());
    values.put("density", result.density());
    values.put("coverage", result.coverage());
    if (isPerClass()) {
      perClass.put("precision", ClassScores.precisions(overlap.precise(), classes));
    }
  }

  private boolean isPerClass() {
    return request.extent().classes() == EvaluateRequest.Classes.EACH;
  }

  private void kernelDistance(FeatureSet generated, FeatureSet real, Optional<int[]> realClasses) {
    KernelDistance.Subsets subsets =
        Metric.subsets(request.profile(), Math.min(generated.size(), real.size()));
    if (subsets.size() < KernelDistance.Subsets.TORCH_FIDELITY.size()) {
      warn(
          "kid: subsets of %,d samples (%,d are usual)"
              .formatted(subsets.size(), KernelDistance.Subsets.TORCH_FIDELITY.size()));
    }
    KernelDistance.Result result =
        seconds.of(
            Metric.KID.label(), () -> KernelDistance.ofSubsets(generated, real, subsets, algebra));
    values.put("kid", result.mean());
    values.put("kid_std", result.deviation());
    if (!isPerClass()) {
      return;
    }
    if (realClasses.isPresent() && areKnown()) {
      perClass.put(
          "kid", ClassScores.kernelDistances(generated, classes, real, realClasses.get(), algebra));
    } else {
      warn("kid: no values of single classes, since images or reference do not tell theirs");
    }
  }
}
