package io.tandem.scores;

import io.tandem.base.UserError;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.LinearAlgebra;

/**
 * Squared Euclidean distances in float64 as {@code |x|^2 + |y|^2 - 2 x y}, none below 0. They are
 * exact for small whole numbers, and otherwise wrong by some 1e-15 of the squared lengths.
 */
final class SquaredDistances {

  private SquaredDistances() {}

  /** Returns the distances between all vectors of {@code a} and {@code b}, row by row. */
  static double[] between(FeatureSet a, FeatureSet b, LinearAlgebra algebra) {
    requireSameDimension(a, b);
    double[] distances = algebra.innerProducts(a, b);
    double[] norms = new double[b.size()];
    for (int j = 0; j < norms.length; j++) {
      norms[j] = b.squaredNorm(j);
    }
    for (int i = 0, at = 0; i < a.size(); i++) {
      double norm = a.squaredNorm(i);
      for (int j = 0; j < norms.length; j++, at++) {
        distances[at] = Math.max(0, norm + norms[j] - 2 * distances[at]);
      }
    }
    return distances;
  }

  static void requireSameDimension(FeatureSet a, FeatureSet b) {
    if (a.dimension() != b.dimension()) {
      throw UserError.of(
          "Cannot compare sets of %d and %d features (equal numbers). Use features of the same"
              + " network.",
          a.dimension(), b.dimension());
    }
  }
}
