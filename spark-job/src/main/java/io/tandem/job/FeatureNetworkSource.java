package io.tandem.job;

import io.tandem.executor.ModelFiles;
import io.tandem.executor.NamedModel;
import io.tandem.features.FeatureExtractor;
import io.tandem.features.FeatureIdentity;
import io.tandem.features.Profile;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.nio.file.Path;

/**
 * A feature network as executors are told of it.
 *
 * @param named where its weights are
 * @param identity by what its features are known
 */
public record FeatureNetworkSource(NamedModel named, FeatureIdentity identity) {

  private static final String INCEPTION = "inception:";
  private static final String RANDOM = "random";
  private static final String DEMO = "demo";

  /** What executors know the seeded Inception network by. */
  private static final String RANDOM_ORIGIN = "random:inception";

  /**
   * Looks at the network that {@code text} names.
   *
   * @throws io.tandem.base.UserError if there is no such network, or it is not for the profile
   */
  public static FeatureNetworkSource open(String text, Profile profile) {
    String file = text.startsWith(INCEPTION) ? text.substring(INCEPTION.length()) : "";
    boolean isRemote = ModelFiles.isRemote(file);
    String local = isRemote ? INCEPTION + ModelFiles.ofThisHost().localize(file) : text;
    try (WeightSource source = WeightSources.features(local)) {
      FeatureIdentity identity = FeatureExtractor.identity(source, profile);
      return new FeatureNetworkSource(
          new NamedModel("features", origin(text, file), source.bytes(), source.sha256()),
          identity);
    }
  }

  /** Returns what {@link #open} was given, but for the folder that a path starts from. */
  static String text(NamedModel network) {
    return switch (network.origin()) {
      case DEMO -> DEMO;
      case RANDOM_ORIGIN -> INCEPTION + RANDOM;
      default -> INCEPTION + network.origin();
    };
  }

  /** Executors run in other folders. */
  private static String origin(String text, String file) {
    if (file.isEmpty()) {
      return text;
    }
    if (file.equals(RANDOM)) {
      return RANDOM_ORIGIN;
    }
    return ModelFiles.isRemote(file) ? file : Path.of(file).toAbsolutePath().normalize().toString();
  }
}
