package io.tandem.scores;

import io.tandem.base.UserError;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.LinearAlgebra;

/**
 * Lower bounds of the squared distances between two sets, near enough to tell almost all pairs
 * apart that are of no interest; the others are computed exactly.
 *
 * <p>The distance is {@code |x|^2 + |y|^2 - 2 x y}, where the product is wrong by at most d x 2^-24
 * |x| |y| in float32 (Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 3.5).
 * What is decided by exact distances does not depend on the machine, the threads or the blocks.
 */
final class RoughDistances {

  /** Of a product in float32, twice what it is, to be on the safe side. */
  private static final double ROUNDING = 0x1p-23;

  /** The same of a sum in float64. */
  private static final double ROUNDING_OF_SQUARES = 0x1p-51;

  /** Squared lengths up to here have products that float32 holds. */
  private static final double LARGEST = 1e37;

  private final FeatureSet a;
  private final FeatureSet b;
  private final float[] products;
  private final double[] lengthsOfB;
  private final boolean usable;

  private RoughDistances(FeatureSet a, FeatureSet b, float[] products) {
    this.a = a;
    this.b = b;
    this.products = products;
    this.lengthsOfB = new double[b.size()];
    for (int j = 0; j < lengthsOfB.length; j++) {
      lengthsOfB[j] = Math.sqrt(b.squaredNorm(j));
    }
    this.usable = largest(a) < LARGEST && largest(b) < LARGEST;
  }

  /**
   * Returns the bounds between all vectors of {@code a} and {@code b}.
   *
   * @throws UserError if they are of different dimensions
   */
  static RoughDistances between(FeatureSet a, FeatureSet b, LinearAlgebra algebra) {
    requireSameDimension(a, b);
    return new RoughDistances(a, b, algebra.roughInnerProducts(a, b));
  }

  private static double largest(FeatureSet set) {
    double largest = 0;
    for (int row = 0; row < set.size(); row++) {
      largest = Math.max(largest, set.squaredNorm(row));
    }
    return largest;
  }

  /**
   * Writes to {@code bounds} what the squared distance of vector {@code i} of {@code a} to each of
   * {@code b} is at least.
   */
  void lowerBounds(int i, double[] bounds) {
    double square = a.squaredNorm(i);
    double kept = 1 - a.dimension() * ROUNDING_OF_SQUARES;
    double length = 2 * a.dimension() * ROUNDING * Math.sqrt(square);
    // numbers too small for float32 are lost altogether
    double lost = 2.0 * a.dimension() * Float.MIN_NORMAL;
    for (int j = 0, at = i * bounds.length; j < bounds.length; j++, at++) {
      double bound = kept * (square + b.squaredNorm(j)) - 2.0 * products[at];
      bounds[j] = usable ? bound - length * lengthsOfB[j] - lost : 0;
    }
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
