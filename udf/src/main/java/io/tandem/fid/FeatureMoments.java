package io.tandem.fid;

import static io.tandem.base.Checks.check;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Sums over feature vectors from which mean and covariance follow: how many there are, the sum of
 * their distances from a centre, and the sum of products of these.
 *
 * <p>Moments of disjoint sets about one centre add up, and can be subtracted again; sums of whole
 * numbers below 2^53 are exact in any order. Rounding errors grow with the square of the distance
 * between centre and mean, so features far from zero need a centre near them; network features that
 * are of order 1 do not. Immutable; d numbers in a vector, float64 throughout.
 */
public final class FeatureMoments implements Serializable {

  private static final long serialVersionUID = 1L;

  private final double[] centre;
  private final long count;
  private final double[] sums;

  /** Upper triangle of [d, d], row by row. */
  private final double[] products;

  private FeatureMoments(double[] centre, long count, double[] sums, double[] products) {
    this.centre = centre;
    this.count = count;
    this.sums = sums;
    this.products = products;
  }

  /** Returns the moments of no vectors about {@code centre}. */
  public static FeatureMoments none(double[] centre) {
    int d = centre.length;
    return new FeatureMoments(centre.clone(), 0, new double[d], new double[d * (d + 1) / 2]);
  }

  /**
   * Returns the moments of {@code vectors} about {@code centre}, summed in their order.
   *
   * @param algebra multiplies the vectors
   * @throws io.tandem.base.UserError if one has another length than {@code centre} or a number that
   *     is not finite
   */
  public static FeatureMoments of(double[] centre, List<float[]> vectors, LinearAlgebra algebra) {
    int n = vectors.size();
    int d = centre.length;
    if (n == 0) {
      return none(centre);
    }
    double[] sums = new double[d];
    double[] columns = new double[d * n];
    for (int row = 0; row < n; row++) {
      float[] vector = vectors.get(row);
      requireUsable(row, vector, d);
      for (int i = 0; i < d; i++) {
        double distance = vector[i] - centre[i];
        sums[i] += distance;
        columns[i * n + row] = distance;
      }
    }
    Matrix transposed = Matrix.owning(d, n, columns);
    Matrix all = algebra.product(transposed, transposed.transposed());
    double[] products = new double[d * (d + 1) / 2];
    for (int row = 0, at = 0; row < d; row++) {
      for (int column = row; column < d; column++) {
        products[at++] = all.at(row, column);
      }
    }
    return new FeatureMoments(centre.clone(), n, sums, products);
  }

  /** Passes if a vector can go into a sum of vectors of length {@code d}. */
  static void requireUsable(long sample, float[] vector, int d) {
    check(
        vector.length == d,
        "Cannot use the features of sample %d: there are %d (%d are needed). Use features of one"
            + " network.",
        sample,
        vector.length,
        d);
    for (int i = 0; i < d; i++) {
      check(
          Float.isFinite(vector[i]),
          "Cannot use the features of sample %d: number %d is %s (finite). Check the pictures and"
              + " the weights of the feature network.",
          sample,
          i,
          vector[i]);
    }
  }

  /** Returns the moments of all vectors of {@code parts}, added up in their order. */
  public static FeatureMoments sum(List<FeatureMoments> parts) {
    FeatureMoments first = parts.get(0);
    double[] sums = first.sums.clone();
    double[] products = first.products.clone();
    long count = first.count;
    for (FeatureMoments part : parts.subList(1, parts.size())) {
      first.requireSameCentre(part);
      add(sums, part.sums, 1);
      add(products, part.products, 1);
      count += part.count;
    }
    return new FeatureMoments(first.centre, count, sums, products);
  }

  /** Returns the moments of these vectors and those of {@code other}. */
  public FeatureMoments plus(FeatureMoments other) {
    return sum(List.of(this, other));
  }

  /** Returns the moments of these vectors without those of {@code other}, which are among them. */
  public FeatureMoments minus(FeatureMoments other) {
    requireSameCentre(other);
    if (other.count > count) {
      throw new IllegalArgumentException(
          "Cannot take %d vectors from %d".formatted(other.count, count));
    }
    double[] lessSums = sums.clone();
    double[] lessProducts = products.clone();
    add(lessSums, other.sums, -1);
    add(lessProducts, other.products, -1);
    return new FeatureMoments(centre, count - other.count, lessSums, lessProducts);
  }

  private static void add(double[] target, double[] summands, double sign) {
    for (int i = 0; i < target.length; i++) {
      target[i] += sign * summands[i];
    }
  }

  private void requireSameCentre(FeatureMoments other) {
    if (!Arrays.equals(centre, other.centre)) {
      throw new IllegalArgumentException("Cannot combine moments about different centres");
    }
  }

  /** Returns d, how many numbers a vector has. */
  public int dimension() {
    return centre.length;
  }

  /** Returns the number of vectors. */
  public long count() {
    return count;
  }

  /**
   * Returns the mean and the covariance of divisor {@code count - 1}.
   *
   * @throws io.tandem.base.UserError if there are fewer than two vectors
   */
  public GaussianStatistics statistics() {
    check(
        count >= 2,
        "Cannot compute the covariance of the features of %d samples (at least 2)",
        count);
    int d = centre.length;
    double[] mean = new double[d];
    Arrays.setAll(mean, i -> centre[i] + sums[i] / count);
    double[] covariance = new double[d * d];
    for (int row = 0, at = 0; row < d; row++) {
      for (int column = row; column < d; column++) {
        double number = (products[at++] - sums[row] * sums[column] / count) / (count - 1);
        covariance[row * d + column] = number;
        covariance[column * d + row] = number;
      }
    }
    return GaussianStatistics.of(mean, Matrix.owning(d, d, covariance), OptionalLong.of(count));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FeatureMoments moments
        && count == moments.count
        && Arrays.equals(centre, moments.centre)
        && Arrays.equals(sums, moments.sums)
        && Arrays.equals(products, moments.products);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(count) + Arrays.hashCode(sums);
  }

  @Override
  public String toString() {
    return "moments of " + count + " vectors of " + centre.length + " features";
  }
}
