/**
 * Plain counts and sums that say how good pictures and tokens are: fidelity of reconstructions, use
 * of the codebook, agreement with labels.
 *
 * <p>Knows neither networks nor files. Start at {@link io.tandem.quality.PeakSignalToNoise}.
 */
package io.tandem.quality;
