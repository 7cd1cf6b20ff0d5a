package io.tandem.fid;

import io.tandem.base.UserError;
import java.util.Arrays;
import java.util.Optional;

/**
 * The Fréchet distance of Gaussians, which of the features of two sets of pictures is FID: {@code
 * |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)} (Heusel et al., arXiv 1706.08500).
 *
 * <p>The last trace is the sum of the singular values of {@code R1 R2^T}, where {@code R^T R} is a
 * covariance: no root is taken of the eigenvalues of a product, the small ones of which have half
 * of the digits. Covariances of full rank have triangular roots, and where all singular values are
 * large enough they are taken from their squares, which is faster. Otherwise eigenvectors give the
 * root, and eigenvalues below d x 2.2e-16 of the largest count as zero. The result is what the sums
 * give, for equal sets some rounding error of either sign. Thread-safe.
 */
public final class FrechetDistance {

  private static final double ROUNDING = 2.2e-16;

  /** Full rank is beyond doubt from this many times the limit of what counts as zero. */
  private static final double FULL_RANK = 100;

  /** Of the distance, and of the traces if the distance is less than a millionth of them. */
  private static final double TOLERANCE = 1e-8;

  private static final double NEGLIGIBLE = 1e-6;

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
    distance += reference.covariance().trace() + statistics.covariance().trace();
    Matrix other = root(statistics.covariance(), algebra);
    if (root.rows() == 0 || other.rows() == 0) {
      return distance;
    }
    if (root.rows() == here.length && other.rows() == here.length) {
      double[] squares = algebra.squaredSingularValuesOfProduct(root, other);
      double fast = distance - 2 * sumOfRoots(squares);
      if (error(squares) <= TOLERANCE * Math.max(fast, NEGLIGIBLE * distance)) {
        return fast;
      }
    }
    return distance - 2 * Arrays.stream(algebra.singularValuesOfProduct(root, other)).sum();
  }

  private static double sumOfRoots(double[] squares) {
    return Arrays.stream(squares).map(square -> Math.sqrt(Math.max(0, square))).sum();
  }

  /**
   * Returns the error that twice the sum of roots has if each square is off by the rounding of the
   * largest one, up or down by chance. It is infinite or NaN where a square is not positive. Seen
   * errors are a hundredth of it or less, since triangular roots leave small errors in small
   * squares.
   */
  private static double error(double[] squares) {
    double sum = Arrays.stream(squares).map(square -> 1 / square).sum();
    boolean positive = squares[0] > 0;
    return positive ? ROUNDING * squares[squares.length - 1] * Math.sqrt(sum) : Double.NaN;
  }

  /**
   * Returns a root [r, d] of a covariance of rank r: its transpose times itself is the covariance.
   */
  private static Matrix root(Matrix covariance, LinearAlgebra algebra) {
    int side = covariance.rows();
    Optional<Matrix> triangle = algebra.triangularRoot(covariance, FULL_RANK * side * ROUNDING);
    if (triangle.isPresent()) {
      return triangle.get();
    }
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
