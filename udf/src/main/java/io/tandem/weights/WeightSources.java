package io.tandem.weights;

import io.tandem.base.UserError;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;

/**
 * Opens models as users name them: a checkpoint file, {@code random:DEPTH} or {@code demo:NAME} for
 * a transformer; a checkpoint file, {@code random} or {@code demo} for a tokeniser; {@code
 * inception:FILE}, {@code inception:random} or {@code demo} for a feature network.
 */
public final class WeightSources {

  private static final String RANDOM = "random";
  private static final String DEMO = "demo";
  private static final String DEMO_TOKENISER = "tokeniser";
  private static final String DEMO_FEATURES = "features";
  private static final String INCEPTION = "inception:";
  private static final int LARGEST_DEPTH = 99;

  /** Fixed, so that one name means the same weights everywhere. */
  private static final long SEED = 0;

  private WeightSources() {}

  /**
   * Opens the transformer that {@code text} names; the caller closes it.
   *
   * @throws UserError if there is no such model, or its file cannot be loaded
   */
  public static WeightSource transformer(String text) {
    if (text.startsWith(RANDOM + ":")) {
      return RandomVarWeights.of(VarConfig.ofDepth(depth(text)), SEED);
    }
    if (text.startsWith(DEMO + ":")) {
      return DemoWeights.open(text, text.substring(DEMO.length() + 1));
    }
    return WeightFiles.open(text);
  }

  /**
   * Opens the tokeniser that {@code text} names; the caller closes it.
   *
   * @throws UserError if there is no such model, or its file cannot be loaded
   */
  public static WeightSource tokeniser(String text) {
    return switch (text) {
      case RANDOM -> RandomVqWeights.of(VqConfig.RELEASED, SEED);
      case DEMO -> DemoWeights.open(text, DEMO_TOKENISER);
      default -> WeightFiles.open(text);
    };
  }

  /**
   * Opens the feature network that {@code text} names; the caller closes it. Whether it is one is
   * told when it is loaded.
   *
   * @throws UserError if there is no such network, or its file cannot be loaded
   */
  public static WeightSource features(String text) {
    if (text.equals(DEMO)) {
      return DemoWeights.open(text, DEMO_FEATURES);
    }
    if (!text.startsWith(INCEPTION) || text.length() == INCEPTION.length()) {
      throw UserError.of(
          "Cannot load feature network '%s' (inception:FILE, inception:random or demo)", text);
    }
    String file = text.substring(INCEPTION.length());
    return file.equals(RANDOM) ? RandomInceptionWeights.of(SEED) : WeightFiles.open(file);
  }

  /**
   * Returns whether the weights of {@code origin}, as sources tell it, come from this build and not
   * from a file: whatever lies under that name in the folder of a process is not meant.
   */
  public static boolean isBuiltIn(String origin) {
    return origin.equals(RANDOM)
        || origin.equals(DEMO)
        || origin.startsWith(RANDOM + ":")
        || origin.startsWith(DEMO + ":");
  }

  private static int depth(String text) {
    String depth = text.substring(RANDOM.length() + 1);
    if (!depth.matches("[1-9][0-9]?")) {
      throw UserError.of(
          "Cannot load '%s': '%s' is no depth (1 to %d; random:16 has 16 blocks)",
          text, depth, LARGEST_DEPTH);
    }
    return Integer.parseInt(depth);
  }
}
