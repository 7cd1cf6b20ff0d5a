package io.tandem.executor;

import io.tandem.features.Profile;
import java.io.Serializable;

/**
 * How features are computed: all that an executor is told.
 *
 * @param network where the weights are: origin is a file of any file system, {@code
 *     random:inception} or {@code demo}
 * @param profile by which pictures are prepared
 * @param execution where
 * @param pictures what is to be computed of which pictures
 */
public record FeatureSpec(
    NamedModel network, Profile profile, Execution execution, Pictures pictures)
    implements Serializable {

  /**
   * Consecutive sample indexes that are computed and stored together. Batches do not cross them, so
   * that the bits of a picture's features depend on nothing but its neighbours here.
   */
  public static final int CHUNK = 200;

  /**
   * Where features are computed.
   *
   * @param device which device a task uses
   * @param threads of a kernel on the processor
   */
  public record Execution(DeviceChoice device, int threads) implements Serializable {

    public Execution {
      if (threads < 1) {
        throw new IllegalArgumentException("Cannot compute with " + threads + " threads");
      }
    }
  }

  /** Whether the tap of sFID is kept. */
  public enum Taps {
    FEATURES,
    FEATURES_AND_SPATIAL;

    /** Returns all that the networks of {@code profile} have. */
    public static Taps of(Profile profile) {
      return profile == Profile.DEMO ? FEATURES : FEATURES_AND_SPATIAL;
    }
  }

  /** What happens to pictures that are not 8-bit RGB. */
  public enum Colours {
    /** They are an error. */
    RGB_ONLY,
    /** Grey becomes three equal channels, alpha is dropped, of 16 bits the upper 8 remain. */
    CONVERTED
  }

  /**
   * Which pictures, and what of them.
   *
   * @param width pixels in a row of each
   * @param height rows of pixels of each
   * @param taps which outputs are kept
   * @param colours what happens to grey ones and the like
   */
  public record Pictures(int width, int height, Taps taps, Colours colours)
      implements Serializable {}
}
