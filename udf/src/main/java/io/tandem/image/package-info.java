/**
 * Pictures as plain bytes: rounding of decoded values to pixels, PNG, contact sheets.
 *
 * <p>Knows no tensors, no engine and no models, and needs no display and no fonts. Start at {@link
 * io.tandem.image.RgbImage}.
 */
package io.tandem.image;
