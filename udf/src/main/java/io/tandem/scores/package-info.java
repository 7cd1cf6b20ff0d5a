/**
 * What features and class logits say of a set of pictures beside FID: Inception Score, precision,
 * recall, density, coverage, KID, and FID of infinitely many samples.
 *
 * <p>Plain numbers: knows neither networks nor tables, and takes large products from a {@link
 * io.tandem.fid.LinearAlgebra}. What is summed over samples can be summed in parts and put
 * together. Start at {@link io.tandem.scores.PrecisionRecall} and {@link
 * io.tandem.scores.InceptionScore}.
 */
package io.tandem.scores;
