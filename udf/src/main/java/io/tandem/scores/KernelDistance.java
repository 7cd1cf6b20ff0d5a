package io.tandem.scores;

import static io.tandem.base.Checks.check;

import io.tandem.fid.FeatureSet;
import io.tandem.fid.LinearAlgebra;
import java.util.Arrays;

/**
 * Kernel Inception Distance (Bińkowski et al., arXiv 1801.01401): the squared maximum mean
 * discrepancy of two sets under the kernel {@code (x y / d + 1)^3}, in float64.
 */
public final class KernelDistance {

  /** Vectors on either side of a product. */
  private static final int BLOCK = 1000;

  private KernelDistance() {}

  /**
   * Pairs of subsets, drawn without replacement by NumPy's generator, first from the one set, then
   * from the other, in turn: those of torch-fidelity.
   *
   * @param count how many pairs
   * @param size vectors in a subset
   * @param seed in [0, 2^32)
   */
  public record Subsets(int count, int size, long seed) {

    /** torch-fidelity's: 100 of 1,000. */
    public static final Subsets TORCH_FIDELITY = new Subsets(100, 1000, 2020);

    /** Checks the ranges. */
    public Subsets {
      check(count >= 1, "Cannot draw %d subsets (at least 1)", count);
      check(size >= 2, "Cannot draw subsets of %d samples (at least 2)", size);
      check(
          seed >= 0 && seed <= 0xffffffffL,
          "Cannot draw subsets by seed %d (0 to 4294967295)",
          seed);
    }

    /** Returns the same with subsets of at most {@code size}, for smaller sets. */
    public Subsets atMost(int smaller) {
      return new Subsets(count, Math.min(size, smaller), seed);
    }
  }

  /**
   * A distance that is the mean over subsets.
   *
   * @param mean unbiased, so that it may be slightly below 0
   * @param deviation standard deviation of the subsets, the divisor being their number
   */
  public record Result(double mean, double deviation) {}

  /**
   * Returns the mean unbiased distance of pairs of subsets.
   *
   * @throws io.tandem.base.UserError if a set is smaller than a subset, or they are of different
   *     dimensions
   */
  public static Result ofSubsets(
      FeatureSet x, FeatureSet y, Subsets subsets, LinearAlgebra algebra) {
    check(
        Math.min(x.size(), y.size()) >= subsets.size(),
        "Cannot draw subsets of %d samples from sets of %d and %d (at least %d). Use more samples or"
            + " smaller subsets.",
        subsets.size(),
        x.size(),
        y.size(),
        subsets.size());
    NumpyRandom random = new NumpyRandom(subsets.seed());
    double[] distances = new double[subsets.count()];
    for (int i = 0; i < distances.length; i++) {
      FeatureSet some = x.select(random.choice(x.size(), subsets.size()));
      FeatureSet others = y.select(random.choice(y.size(), subsets.size()));
      distances[i] = unbiased(some, others, algebra);
    }
    double mean = Arrays.stream(distances).average().orElseThrow();
    double squares = Arrays.stream(distances).map(each -> (each - mean) * (each - mean)).sum();
    return new Result(mean, Math.sqrt(squares / distances.length));
  }

  /**
   * Returns the unbiased distance of all pairs: terms of a vector with itself are left out.
   *
   * @throws io.tandem.base.UserError if a set has fewer than two vectors, or they are of different
   *     dimensions
   */
  public static double unbiased(FeatureSet x, FeatureSet y, LinearAlgebra algebra) {
    RoughDistances.requireSameDimension(x, y);
    check(
        Math.min(x.size(), y.size()) >= 2,
        "Cannot compute an unbiased KID of sets of %d and %d samples (at least 2)",
        x.size(),
        y.size());
    return (sumWithin(x, algebra) - sumOfSquares(x)) / ((double) x.size() * (x.size() - 1))
        + (sumWithin(y, algebra) - sumOfSquares(y)) / ((double) y.size() * (y.size() - 1))
        - 2 * sumBetween(x, y, algebra) / ((double) x.size() * y.size());
  }

  /**
   * Returns the biased distance of all pairs, which is never below 0 but for rounding.
   *
   * @throws io.tandem.base.UserError if they are of different dimensions
   */
  public static double biased(FeatureSet x, FeatureSet y, LinearAlgebra algebra) {
    RoughDistances.requireSameDimension(x, y);
    return sumWithin(x, algebra) / ((double) x.size() * x.size())
        + sumWithin(y, algebra) / ((double) y.size() * y.size())
        - 2 * sumBetween(x, y, algebra) / ((double) x.size() * y.size());
  }

  private static double sumOfSquares(FeatureSet set) {
    double sum = 0;
    for (int row = 0; row < set.size(); row++) {
      sum += kernel(set.squaredNorm(row), set.dimension());
    }
    return sum;
  }

  /** Pairs of different blocks count twice. */
  private static double sumWithin(FeatureSet set, LinearAlgebra algebra) {
    double sum = 0;
    for (int from = 0; from < set.size(); from += BLOCK) {
      FeatureSet some = block(set, from);
      sum += sum(some, some, algebra);
      for (int other = from + BLOCK; other < set.size(); other += BLOCK) {
        sum += 2 * sum(some, block(set, other), algebra);
      }
    }
    return sum;
  }

  private static double sumBetween(FeatureSet x, FeatureSet y, LinearAlgebra algebra) {
    double sum = 0;
    for (int from = 0; from < x.size(); from += BLOCK) {
      for (int other = 0; other < y.size(); other += BLOCK) {
        sum += sum(block(x, from), block(y, other), algebra);
      }
    }
    return sum;
  }

  private static FeatureSet block(FeatureSet set, int from) {
    return set.range(from, Math.min(from + BLOCK, set.size()));
  }

  private static double sum(FeatureSet a, FeatureSet b, LinearAlgebra algebra) {
    double sum = 0;
    for (double product : algebra.innerProducts(a, b)) {
      sum += kernel(product, a.dimension());
    }
    return sum;
  }

  private static double kernel(double product, int dimension) {
    double base = product / dimension + 1;
    return base * base * base;
  }
}
