package io.tandem.job;

import io.tandem.base.UserError;
import io.tandem.features.Profile;
import java.util.EnumSet;
import java.util.Set;

/**
 * What is to be evaluated.
 *
 * @param images run, table, folder or file
 * @param reference what it is compared with
 * @param metrics what is computed
 * @param extent how much is said of them
 * @param features how features are computed
 */
public record EvaluateRequest(
    String images, String reference, Set<Metric> metrics, Extent extent, FeatureRequest features) {

  /** Takes a copy. */
  public EvaluateRequest {
    metrics = EnumSet.copyOf(metrics);
  }

  /** Whether standard errors are estimated. */
  public enum Errors {
    /** By leaving out each of 20 groups of samples, which takes 20 more distances. */
    JACKKNIFE,
    NONE;

    /**
     * Returns what users name so.
     *
     * @throws UserError if it is neither
     */
    public static Errors parse(String text) {
      return switch (text) {
        case "jackknife" -> JACKKNIFE;
        case "none" -> NONE;
        default -> throw UserError.of("Cannot use --errors '%s' (jackknife or none)", text);
      };
    }
  }

  /** Whether classes are scored one by one. */
  public enum Classes {
    TOGETHER,
    EACH
  }

  /**
   * How much is said of the metrics.
   *
   * @param errors of FID, sFID and IS
   * @param classes of KID and precision
   */
  public record Extent(Errors errors, Classes classes) {}

  Profile profile() {
    return features.profile();
  }
}
