package io.tandem.features;

import java.io.Serializable;

/**
 * By what features are known: those of two identities never belong in one computation.
 *
 * @param network in words
 * @param weightsSha256 digest of the network's weights, the same whatever file they came in
 * @param profile by which pictures were prepared
 * @param dimension numbers in a feature vector
 */
public record FeatureIdentity(String network, String weightsSha256, Profile profile, int dimension)
    implements Serializable {

  @Override
  public String toString() {
    return "%s (profile %s, %d features, weights %s)"
        .formatted(
            network,
            profile,
            dimension,
            weightsSha256.substring(0, Math.min(12, weightsSha256.length())));
  }
}
