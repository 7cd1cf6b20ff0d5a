package io.tandem.fid;

import io.tandem.base.UserError;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Mean and covariance of the features of a set of pictures: the Gaussian that the Fréchet distance
 * takes them for. Immutable.
 */
public final class GaussianStatistics {

  /** Halves of a covariance may differ by this share of its largest number: files in float32. */
  private static final double SYMMETRY = 1e-5;

  private final double[] mean;
  private final Matrix covariance;
  private final OptionalLong count;

  private GaussianStatistics(double[] mean, Matrix covariance, OptionalLong count) {
    this.mean = mean;
    this.covariance = covariance;
    this.count = count;
  }

  /**
   * Returns statistics of an unknown number of pictures, or of known Gaussians.
   *
   * @throws UserError if the sizes do not match, a number is not finite, or the covariance is not
   *     symmetric
   */
  public static GaussianStatistics of(double[] mean, Matrix covariance) {
    return of(mean, covariance, OptionalLong.empty());
  }

  /**
   * Returns statistics of {@code count} pictures; errors as above.
   *
   * @param mean d numbers
   * @param covariance [d, d], of divisor {@code count - 1}
   */
  public static GaussianStatistics of(double[] mean, Matrix covariance, OptionalLong count) {
    Optional<String> fault = fault(mean, covariance, count);
    if (fault.isPresent()) {
      throw new UserError("Cannot use statistics of features: " + fault.get());
    }
    return new GaussianStatistics(mean.clone(), symmetrised(covariance), count);
  }

  /** Returns what is wrong with statistics, if anything is. */
  static Optional<String> fault(double[] mean, Matrix covariance, OptionalLong count) {
    if (mean.length == 0
        || covariance.rows() != mean.length
        || covariance.columns() != mean.length) {
      return Optional.of(
          "the mean has %d numbers, the covariance %d x %d (d and d x d, d at least 1)"
              .formatted(mean.length, covariance.rows(), covariance.columns()));
    }
    if (count.isPresent() && count.getAsLong() < 2) {
      return Optional.of("they are of %d samples (at least 2)".formatted(count.getAsLong()));
    }
    double largest = 0;
    for (int row = 0; row < mean.length; row++) {
      if (!Double.isFinite(mean[row])) {
        return Optional.of("number %d of the mean is %s (finite)".formatted(row, mean[row]));
      }
      for (int column = 0; column < mean.length; column++) {
        double number = covariance.at(row, column);
        if (!Double.isFinite(number)) {
          return Optional.of(
              "number [%d, %d] of the covariance is %s (finite)".formatted(row, column, number));
        }
        largest = Math.max(largest, Math.abs(number));
      }
    }
    return asymmetry(covariance, SYMMETRY * largest);
  }

  private static Optional<String> asymmetry(Matrix covariance, double tolerance) {
    for (int row = 0; row < covariance.rows(); row++) {
      for (int column = 0; column < row; column++) {
        double below = covariance.at(row, column);
        double above = covariance.at(column, row);
        if (Math.abs(below - above) > tolerance) {
          return Optional.of(
              "numbers [%d, %d] and [%d, %d] of the covariance are %s and %s (equal)"
                  .formatted(row, column, column, row, below, above));
        }
      }
    }
    return Optional.empty();
  }

  private static Matrix symmetrised(Matrix covariance) {
    int side = covariance.rows();
    double[] all = new double[side * side];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        all[row * side + column] = (covariance.at(row, column) + covariance.at(column, row)) / 2;
      }
    }
    return Matrix.owning(side, side, all);
  }

  /** Returns d, how many numbers a feature vector has. */
  public int dimension() {
    return mean.length;
  }

  /** Returns the mean feature vector. */
  public double[] mean() {
    return mean.clone();
  }

  /** Returns the covariance [d, d], exactly symmetric. */
  public Matrix covariance() {
    return covariance;
  }

  /** Returns how many pictures they are of, if that is known. */
  public OptionalLong count() {
    return count;
  }
}
