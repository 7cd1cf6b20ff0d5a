/**
 * Fréchet distance between sets of pictures: moments of their features, Gaussian statistics, the
 * distance, and its error.
 *
 * <p>Plain numbers: knows neither networks nor tensors, and takes eigenvalues and large products
 * from a {@link io.tandem.fid.LinearAlgebra}. Start at {@link io.tandem.fid.FrechetDistance}.
 */
package io.tandem.fid;
