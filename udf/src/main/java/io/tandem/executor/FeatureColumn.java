package io.tandem.executor;

import io.tandem.features.Profile;
import java.io.Serializable;

/**
 * Features that go into the table of images beside each picture.
 *
 * @param network where the weights are, as {@link FeatureSpec} has them
 * @param profile by which pictures are prepared
 */
public record FeatureColumn(NamedModel network, Profile profile) implements Serializable {}
