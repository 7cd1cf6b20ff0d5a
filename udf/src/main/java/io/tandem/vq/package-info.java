/**
 * The tokeniser: token maps to the running feature map, feature map to image, and back.
 *
 * <p>Knows neither transformers nor plans nor samplers. Start at {@link io.tandem.vq.Tokenizer} and
 * {@link io.tandem.vq.FeatureMap}.
 */
package io.tandem.vq;
