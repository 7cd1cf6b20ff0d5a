/**
 * One VAR transformer: its weights, shared by all, and the state of one batch.
 *
 * <p>Knows neither plans nor samplers nor images: it is asked for the logits of a scale and catches
 * up on what it missed. Start at {@link io.tandem.transformer.VarTransformer}.
 */
package io.tandem.transformer;
