package io.tandem.weights;

import io.tandem.model.FeatureConfig;
import io.tandem.weights.CheckpointFindings.Guesses;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Tells the architecture of a feature network from its tensors. */
public final class FeatureCheckpoint {

  private static final int GROUPS = 8;

  /**
   * What a checkpoint tells.
   *
   * @param config its architecture, absent if it cannot be told
   * @param findings how the tensors differ from it
   * @param description the architecture in words, as far as it can be told
   */
  record Reading(Optional<FeatureConfig> config, CheckpointFindings findings, String description) {}

  private FeatureCheckpoint() {}

  /**
   * Returns the architecture of the feature network in {@code source}, all of whose tensors are
   * there with the right shapes, and no others.
   *
   * @throws io.tandem.base.UserError if it holds no feature network, or listing all tensors that
   *     are missing, extra or misshapen
   */
  public static FeatureConfig config(WeightSource source) {
    CheckpointKind.FEATURES.require(source);
    Reading reading = reading(source);
    reading.findings.require(CheckpointKind.FEATURES, source, reading.description);
    return reading.config.orElseThrow();
  }

  /** Returns what {@code source} tells, without complaint. */
  static Reading reading(WeightSource source) {
    Set<String> guesses = new HashSet<>();
    List<String> faults = new ArrayList<>();
    OptionalInt classes = new ShapeVotes(source).add("head.weight", 0).add("head.bias", 0).winner();
    if (classes.isEmpty()) {
      guesses.addAll(List.of("head.weight", "head.bias"));
    }
    int features = features(source).orElse(FeatureConfig.DEMO.features());
    if (features % GROUPS != 0) {
      faults.add("head.weight tells " + features + " features, expected a multiple of " + GROUPS);
      guesses.add("head.weight");
      features = FeatureConfig.DEMO.features();
    }
    FeatureConfig config =
        new FeatureConfig(classes.orElse(FeatureConfig.DEMO.classes()), features);
    CheckpointFindings findings =
        CheckpointFindings.compare(
            source, WeightNames.features(config), new Guesses(guesses, faults));
    boolean isTold = guesses.isEmpty() && faults.isEmpty();
    return new Reading(
        isTold ? Optional.of(config) : Optional.empty(), findings, description(config));
  }

  private static OptionalInt features(WeightSource source) {
    String last = "features." + (FeatureConfig.DEMO.convolutions() - 1);
    return new ShapeVotes(source)
        .add("head.weight", 1)
        .add(last + ".conv.weight", 0)
        .add(last + ".conv.bias", 0)
        .add(last + ".norm.weight", 0)
        .add(last + ".norm.bias", 0)
        .winner();
  }

  private static String description(FeatureConfig config) {
    return String.format("%d features, %d classes", config.features(), config.classes());
  }
}
