package io.tandem.fid;

import io.tandem.base.UserError;

/**
 * The Fréchet distance of Gaussians, which of the features of two sets of pictures is FID: {@code
 * |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)} (Heusel et al., arXiv 1706.08500).
 *
 * <p>The last trace is the sum of the singular values of {@code S1^(1/2) S2^(1/2)}, so that only
 * symmetric roots are taken and none of a product, whose small eigenvalues have half of the digits.
 * Eigenvalues of a covariance below d x 2.2e-16 of its largest count as zero. The result is what
 * the sums give, for equal sets some rounding error of either sign. Thread-safe.
 */
public final class FrechetDistance {

  private static final double ROUNDING = 2.2e-16;

  /** Covariances in float32 have small eigenvalues down to about this share of the largest. */
  private static final double NEGATIVE = -1e-5;

  private final GaussianStatistics reference;
  private final LinearAlgebra algebra;
  private final Matrix root;

  private FrechetDistance(GaussianStatistics reference, LinearAlgebra algebra) {
    this.reference = reference;
    this.algebra = algebra;
    this.root = root(reference.covariance(), algebra);
  }

  /**
   * Returns the distance to {@code reference}, whose root is taken once.
   *
   * @throws UserError if its covariance has negative eigenvalues beyond rounding
   */
  public static FrechetDistance to(GaussianStatistics reference, LinearAlgebra algebra) {
    return new FrechetDistance(reference, algebra);
  }

  /** Returns the distance between two Gaussians; errors as for {@link #from}. */
  public static double between(
      GaussianStatistics first, GaussianStatistics second, LinearAlgebra algebra) {
    return to(first, algebra).from(second);
  }

  /**
   * Returns the distance of {@code statistics} from the reference.
   *
   * @throws UserError if they are of another dimension, or their covariance has negative
   *     eigenvalues beyond rounding
   */
  public double from(GaussianStatistics statistics) {
    if (statistics.dimension() != reference.dimension()) {
      throw UserError.of(
          "Cannot compute a Frechet distance between statistics of %d and %d features (equal"
              + " numbers). Use statistics of the same feature network.",
          reference.dimension(), statistics.dimension());
    }
    double distance = 0;
    double[] here = reference.mean();
    double[] there = statistics.mean();
    for (int i = 0; i < here.length; i++) {
      distance += (here[i] - there[i]) * (here[i] - there[i]);
    }
    double traces = reference.covariance().trace() + statistics.covariance().trace();
    return distance + traces - 2 * traceOfRoot(root(statistics.covariance(), algebra));
  }

  private double traceOfRoot(Matrix other) {
    if (root.rows() == 0 || other.rows() == 0) {
      return 0;
    }
    double sum = 0;
    for (double value : algebra.singularValues(algebra.product(root, other.transposed()))) {
      sum += value;
    }
    return sum;
  }

  /**
   * Returns a root [r, d] of a covariance of rank r: its transpose times itself is the covariance.
   */
  private static Matrix root(Matrix covariance, LinearAlgebra algebra) {
    int side = covariance.rows();
    Eigen eigen = algebra.eigen(covariance);
    double[] values = eigen.values();
    double smallest = values[0];
    double largest = values[side - 1];
    if (smallest < NEGATIVE * Math.abs(largest)) {
      throw UserError.of(
          "Cannot compute a Frechet distance with a covariance of eigenvalues from %.6g to %.6g"
              + " (none is negative). Check the file of the statistics.",
          smallest, largest);
    }
    int first = 0;
    while (first < side && values[first] <= side * ROUNDING * largest) {
      first++;
    }
    double[] root = new double[(side - first) * side];
    for (int row = 0; row < side - first; row++) {
      double factor = Math.sqrt(values[first + row]);
      for (int i = 0; i < side; i++) {
        root[row * side + i] = factor * eigen.vectors().at(i, first + row);
      }
    }
    return Matrix.owning(side - first, side, root);
  }
}
