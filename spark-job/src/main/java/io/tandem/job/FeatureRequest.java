package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.executor.DeviceChoice;
import io.tandem.executor.FeatureSpec;
import io.tandem.features.Profile;
import io.tandem.spark.SessionSettings;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How features are to be computed.
 *
 * @param network {@code inception:FILE}, {@code inception:random} or {@code demo}
 * @param profile by which pictures are prepared
 * @param device where
 * @param pictures what is taken of the pictures
 * @param cache folder of the features; beside the pictures if none is named
 * @param spark what Spark is started with
 */
public record FeatureRequest(
    String network,
    Profile profile,
    DeviceChoice device,
    Pictures pictures,
    Optional<String> cache,
    SessionSettings spark) {

  /**
   * What is taken of the pictures.
   *
   * @param colours what happens to grey ones and the like
   * @param mostUnusable how many may be damaged
   * @param partitions tasks that the pictures are cut into; as many as Spark likes if none are
   *     named
   */
  public record Pictures(FeatureSpec.Colours colours, long mostUnusable, OptionalInt partitions) {

    /** Checks the ranges. */
    public Pictures {
      check(mostUnusable >= 0, "Cannot pass over %d pictures (0 or more)", mostUnusable);
      check(
          partitions.orElse(1) >= 1 && partitions.orElse(1) <= 1_000_000,
          "Cannot cut pictures into %d partitions (1 to 1000000)",
          partitions.orElse(1));
    }
  }
}
