package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.features.Profile;
import io.tandem.scores.KernelDistance;
import io.tandem.scores.PrecisionRecall;
import io.tandem.scores.SplitRule;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What {@code evaluate} computes, by the names that users choose them by. */
public enum Metric {
  /** Fréchet distance of the features. */
  FID,
  /** Fréchet distance of the spatial tap. */
  SFID,
  /** Inception Score. */
  IS,
  /** Precision, recall, density and coverage. */
  PR,
  /** Kernel Inception Distance. */
  KID,
  /** FID of infinitely many samples. */
  FID_INFINITY;

  /** Returns the name. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Returns the metrics in a list such as {@code fid,is}.
   *
   * @throws io.tandem.base.UserError if one is unknown, or the profile's network cannot give it
   */
  public static Set<Metric> parse(String text, Profile profile) {
    EnumSet<Metric> metrics = EnumSet.noneOf(Metric.class);
    for (String name : text.split(",", -1)) {
      Optional<Metric> metric =
          Arrays.stream(values()).filter(each -> each.label().equals(name.strip())).findFirst();
      check(
          metric.isPresent(),
          "Cannot compute metric '%s' (%s)",
          name,
          Arrays.stream(values()).map(Metric::label).collect(Collectors.joining(", ")));
      metrics.add(metric.orElseThrow());
    }
    check(
        profile != Profile.DEMO || !metrics.contains(SFID),
        "Cannot compute sfid by profile 'demo': its network has no spatial features (fid, is, pr,"
            + " kid, fid-infinity). Leave sfid out of --metrics.");
    return metrics;
  }

  /** Returns what the tool of {@code profile} computes. */
  public static Set<Metric> usual(Profile profile) {
    return switch (profile) {
      case ADM -> EnumSet.of(FID, SFID, IS, PR);
      case TORCH_FIDELITY, DEMO -> EnumSet.of(FID, IS, PR, KID);
      case PYTORCH_FID -> EnumSet.of(FID);
      case CLEAN -> EnumSet.of(FID, KID);
      case NVIDIA -> EnumSet.of(FID, IS, PR, KID);
      case TORCHMETRICS -> EnumSet.of(FID, IS, KID);
    };
  }

  /** Returns how the tool of {@code profile} splits samples for an Inception Score. */
  static SplitRule splits(Profile profile) {
    return switch (profile) {
      case ADM -> SplitRule.ADM;
      case TORCH_FIDELITY, PYTORCH_FID, CLEAN -> SplitRule.TORCH_FIDELITY;
      case NVIDIA -> SplitRule.NVIDIA;
      case TORCHMETRICS -> SplitRule.TORCHMETRICS;
      case DEMO -> SplitRule.WHOLE;
    };
  }

  /** Returns what is to be known of a metric that the tool of {@code profile} has otherwise. */
  Optional<String> caveat(Profile profile) {
    boolean isOfAnotherNetwork = profile == Profile.TORCH_FIDELITY || profile == Profile.NVIDIA;
    if (this == PR && isOfAnotherNetwork) {
      return Optional.of("pr: %s takes VGG16 features, these are of Inception".formatted(profile));
    }
    if (this == IS && (profile == Profile.PYTORCH_FID || profile == Profile.CLEAN)) {
      return Optional.of(
          "is: %s has no Inception Score; the splits are torch-fidelity's".formatted(profile));
    }
    return Optional.empty();
  }

  /** Returns the subsets of KID; only torch-fidelity and torchmetrics refuse smaller sets. */
  static KernelDistance.Subsets subsets(Profile profile, int smallerSet) {
    KernelDistance.Subsets subsets = KernelDistance.Subsets.TORCH_FIDELITY;
    return profile == Profile.TORCH_FIDELITY || profile == Profile.TORCHMETRICS
        ? subsets
        : subsets.atMost(smallerSet);
  }

  /** Returns how balls are drawn. */
  static PrecisionRecall.Rule balls() {
    return PrecisionRecall.Rule.KYNKAANNIEMI;
  }
}
