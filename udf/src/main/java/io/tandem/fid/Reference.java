package io.tandem.fid;

import static io.tandem.base.Checks.check;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What sets of generated pictures are compared with: statistics and features of real ones.
 *
 * @param features statistics of the features, of which FID is computed
 * @param spatial statistics of the spatial features, of which sFID is computed
 * @param sample features of some of the pictures, for precision, recall and KID
 * @param identity what the features are of: network, profile, pictures, in words that only need to
 *     be equal; at most {@link #MAX_IDENTITY_BYTES} in UTF-8. Other tools' files have none.
 */
public record Reference(
    GaussianStatistics features,
    Optional<GaussianStatistics> spatial,
    Optional<FeatureSet> sample,
    Optional<String> identity) {

  /** Bytes of UTF-8 that an identity may have. */
  public static final int MAX_IDENTITY_BYTES = 1 << 16;

  /** Checks that the sample has the features of the statistics. */
  public Reference {
    check(
        sample.isEmpty() || sample.get().dimension() == features.dimension(),
        "Cannot use statistics of %d features with a sample of %d (equal numbers)",
        features.dimension(),
        sample.map(FeatureSet::dimension).orElse(0));
    check(
        identity.isEmpty()
            || identity.get().getBytes(StandardCharsets.UTF_8).length <= MAX_IDENTITY_BYTES,
        "Cannot use an identity of %d characters (at most %d bytes)",
        identity.map(String::length).orElse(0),
        MAX_IDENTITY_BYTES);
  }

  /** Returns a reference of statistics alone. */
  public static Reference of(GaussianStatistics features) {
    return new Reference(features, Optional.empty(), Optional.empty(), Optional.empty());
  }
}
