/**
 * From pictures to feature vectors and class probabilities: the networks behind FID and its
 * relatives.
 *
 * <p>Knows nothing of what is computed from the features. Start at {@link
 * io.tandem.features.FeatureExtractor}, then {@link io.tandem.features.InceptionNetwork}.
 */
package io.tandem.features;
