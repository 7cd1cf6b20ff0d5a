/**
 * What a trained demo pack is worth: distances to real pictures, agreement with labels, fidelity of
 * the tokeniser, cost, and which expectations are met.
 *
 * <p>Knows neither flags nor terminals, and does not train. Start at {@link
 * io.tandem.pack.PackQuality}.
 */
package io.tandem.pack;
