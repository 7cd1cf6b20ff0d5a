package io.tandem.scores;

import static io.tandem.base.Checks.check;

import io.tandem.fid.FeatureSet;
import io.tandem.fid.FrechetDistance;
import io.tandem.fid.LinearAlgebra;
import java.util.Arrays;

/**
 * FID of infinitely many samples (Chong and Forsyth, arXiv 1911.07023): the FIDs of random subsets
 * of growing size lie on a line over one by their size, whose end at 0 has no bias.
 */
public final class FidInfinity {

  /** How many subsets there are. */
  public static final int SUBSETS = 15;

  /** Samples in the smallest subset, if there are ten times as many. */
  private static final int SMALLEST = 5000;

  private FidInfinity() {}

  /**
   * A line over one by the number of samples.
   *
   * @param intercept FID of infinitely many samples
   * @param slope how much a FID of N samples exceeds it, times N
   */
  public record Line(double intercept, double slope) {}

  /**
   * Returns the sizes of the subsets of {@code samples} samples, evenly spaced and rounded down,
   * from 5,000, or a tenth of the samples if they are fewer than 50,000, to all.
   *
   * @throws io.tandem.base.UserError if there are fewer than 20
   */
  public static int[] sizes(int samples) {
    check(
        samples >= 20,
        "Cannot extrapolate the FID of %d samples (at least 20). Use more samples.",
        samples);
    double smallest = Math.min(SMALLEST, Math.max(samples / 10, 2));
    double step = (samples - smallest) / (SUBSETS - 1);
    int[] sizes = new int[SUBSETS];
    Arrays.setAll(sizes, i -> (int) (smallest + i * step));
    sizes[SUBSETS - 1] = samples;
    return sizes;
  }

  /** Returns the line of least squares through {@code fids} of {@code sizes} samples. */
  public static Line fit(int[] sizes, double[] fids) {
    int count = sizes.length;
    double meanX = Arrays.stream(sizes).mapToDouble(size -> 1.0 / size).average().orElseThrow();
    double meanY = Arrays.stream(fids).average().orElseThrow();
    double xx = 0;
    double xy = 0;
    for (int i = 0; i < count; i++) {
      double x = 1.0 / sizes[i] - meanX;
      xx += x * x;
      xy += x * (fids[i] - meanY);
    }
    double slope = xy / xx;
    return new Line(meanY - slope * meanX, slope);
  }

  /**
   * Returns the line of the FIDs of random subsets, each drawn anew, without replacement.
   *
   * @param seed of NumPy's generator, in [0, 2^32)
   * @throws io.tandem.base.UserError if there are fewer than 20 samples, or they are of another
   *     dimension than the reference
   */
  public static Line of(
      FeatureSet samples, FrechetDistance toReference, long seed, LinearAlgebra algebra) {
    int[] sizes = sizes(samples.size());
    NumpyRandom random = new NumpyRandom(seed);
    double[] fids = new double[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      FeatureSet subset = samples.select(random.choice(samples.size(), sizes[i]));
      fids[i] = toReference.from(subset.moments(new double[samples.dimension()]).statistics());
    }
    return fit(sizes, fids);
  }
}
