/**
 * Fréchet distance between sets of pictures: their features and the moments of these, Gaussian
 * statistics, the distance, its error, and files of references.
 *
 * <p>Plain numbers: knows neither networks nor tensors, and takes eigenvalues and large products
 * from a {@link io.tandem.fid.LinearAlgebra}. Start at {@link io.tandem.fid.FrechetDistance}.
 */
package io.tandem.fid;
