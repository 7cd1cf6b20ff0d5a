package io.tandem.features;

import io.tandem.base.UserError;
import io.tandem.image.RgbImage;
import io.tandem.model.DeviceSpec;
import io.tandem.weights.CheckpointKind;
import io.tandem.weights.WeightSource;
import java.util.List;

/**
 * A network that turns pictures into feature vectors and class probabilities: Inception, or the
 * demo's own.
 *
 * <p>Shared by threads. Whoever loads it closes it, after the last picture.
 */
public interface FeatureExtractor extends AutoCloseable {

  /**
   * Loads the network that {@code source} holds, which its tensors tell; {@code source} stays open.
   *
   * @param profile by which pictures are prepared
   * @throws UserError if {@code source} holds no feature network, or one that {@code profile} is
   *     not for
   */
  static FeatureExtractor load(WeightSource source, Profile profile, DeviceSpec device) {
    checkKind(source, profile);
    return profile == Profile.DEMO
        ? FeatureNetwork.load(source, device)
        : InceptionNetwork.load(source, profile, device);
  }

  /**
   * Returns by what the features of the network that {@code source} holds are known, without
   * loading it; {@code source} stays open.
   *
   * @throws UserError as {@link #load} does, as far as names and shapes of tensors tell
   */
  static FeatureIdentity identity(WeightSource source, Profile profile) {
    checkKind(source, profile);
    return profile == Profile.DEMO
        ? FeatureNetwork.identity(source)
        : InceptionNetwork.identity(source, profile);
  }

  private static void checkKind(WeightSource source, Profile profile) {
    CheckpointKind kind = CheckpointKind.of(source);
    boolean isForDemo = profile == Profile.DEMO;
    if (kind == CheckpointKind.FEATURES && !isForDemo) {
      throw misfit(source, profile, "the demo's feature network", "demo");
    }
    if (kind == CheckpointKind.INCEPTION && isForDemo) {
      throw misfit(source, profile, "an Inception network", "adm and all others but demo");
    }
  }

  private static UserError misfit(
      WeightSource source, Profile profile, String found, String legal) {
    return UserError.of(
        "Cannot compute features by profile '%s' with '%s': it holds %s (for profile %s)."
            + " Pass another --profile or other weights.",
        profile, source.origin(), found, legal);
  }

  /** Returns by what the features are known. */
  FeatureIdentity identity();

  /** Returns how many numbers a feature vector has. */
  default int dimension() {
    return identity().dimension();
  }

  /** Returns how many numbers the tap of sFID has, 0 for a network without one. */
  int spatialDimension();

  /** Returns how many classes the probabilities are of. */
  int classes();

  /** Returns how many pictures go through the network together: what a call is best given. */
  int batchSize();

  /**
   * Returns what the network says of {@code pictures}, a row each. On a processor a picture's row
   * has the same bits whichever pictures come with it; on a GPU, in the same batches.
   *
   * @param pictures square, all of the same side
   * @throws UserError if they are not, or not of a side that the network takes
   */
  FeatureRows rows(List<RgbImage> pictures);

  /** Frees the weights. */
  @Override
  void close();
}
