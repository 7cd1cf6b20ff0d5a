package io.tandem.fid;

import static io.tandem.base.Checks.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Standard errors of numbers that depend on the moments of a whole set, as FID does: how much they
 * change when one of 20 groups of consecutive samples is left out.
 *
 * <pre>{@code
 * FrechetDistance toReference = FrechetDistance.to(reference, algebra);
 * Jackknife.of(blocks, moments -> toReference.from(moments.statistics()));
 * }</pre>
 *
 * <p>The error is that of drawing these samples; whatever else the number is computed from, such as
 * the statistics of the reference, counts as given. Groups are blocks put together, as equal in
 * size as the blocks allow; unequal ones are weighted.
 *
 * @see <a href="https://doi.org/10.1023/A:1008800423698">Busing, Meijer and van der Leeden,
 *     Delete-m jackknife for unequal m, Statistics and Computing 9 (1999)</a>
 */
public final class Jackknife {

  /** How many groups there are. */
  public static final int GROUPS = 20;

  /** Student's t of 19 degrees of freedom, 2.5 % on either side. */
  private static final double T_95 = 2.093024054408263;

  private Jackknife() {}

  /**
   * A number and its error.
   *
   * @param value computed from all samples
   * @param standardError of {@code value}
   */
  public record Estimate(double value, double standardError) {

    /** Returns the lower end of the 95 % interval. */
    public double lower95() {
      return value - T_95 * standardError;
    }

    /** Returns the upper end of the 95 % interval. */
    public double upper95() {
      return value + T_95 * standardError;
    }
  }

  /**
   * Returns {@code statistic} of all samples.
   *
   * @param blocks moments of consecutive samples, at least {@link #GROUPS} of them
   * @throws io.tandem.base.UserError if there are fewer
   */
  public static Estimate of(
      List<FeatureMoments> blocks, ToDoubleFunction<FeatureMoments> statistic) {
    List<FeatureMoments> groups = groups(blocks);
    return estimate(
        statistic.applyAsDouble(FeatureMoments.sum(groups)),
        withoutEach(groups, statistic),
        sizes(groups));
  }

  /**
   * Returns {@code statistic} of {@code first} less that of {@code second}, two sets of the same
   * sample indexes: the same group is left out of both, so that what the sets share cancels.
   *
   * @param first moments of consecutive samples, block by block
   * @param second the same of the other set
   * @throws io.tandem.base.UserError if there are fewer than {@link #GROUPS} blocks, or blocks of
   *     different sizes
   */
  public static Estimate ofDifference(
      List<FeatureMoments> first,
      List<FeatureMoments> second,
      ToDoubleFunction<FeatureMoments> statistic) {
    checkPaired(first, second);
    List<FeatureMoments> groups = groups(first);
    List<FeatureMoments> others = groups(second);
    double[] differences = withoutEach(groups, statistic);
    double[] subtrahends = withoutEach(others, statistic);
    for (int i = 0; i < GROUPS; i++) {
      differences[i] -= subtrahends[i];
    }
    double whole =
        statistic.applyAsDouble(FeatureMoments.sum(groups))
            - statistic.applyAsDouble(FeatureMoments.sum(others));
    return estimate(whole, differences, sizes(groups));
  }

  /**
   * Returns the estimate of a number.
   *
   * @param whole the number, of all samples
   * @param without the same without each of the groups
   * @param sizes samples of each group
   */
  public static Estimate estimate(double whole, double[] without, long[] sizes) {
    int groups = without.length;
    double all = Arrays.stream(sizes).sum();
    double mean = groups * whole;
    for (int i = 0; i < groups; i++) {
      mean -= (1 - sizes[i] / all) * without[i];
    }
    double variance = 0;
    for (int i = 0; i < groups; i++) {
      double share = all / sizes[i];
      double deviation = share * whole - (share - 1) * without[i] - mean;
      variance += deviation * deviation / (share - 1) / groups;
    }
    return new Estimate(whole, Math.sqrt(variance));
  }

  private static void checkPaired(List<FeatureMoments> first, List<FeatureMoments> second) {
    check(
        first.size() == second.size(),
        "Cannot compare sets of %d and %d blocks in pairs (equal numbers). Use the same samples of"
            + " both.",
        first.size(),
        second.size());
    for (int i = 0; i < first.size(); i++) {
      check(
          first.get(i).count() == second.get(i).count(),
          "Cannot compare two sets in pairs: their blocks %d have %d and %d samples (equal"
              + " numbers). Use the same samples of both.",
          i + 1,
          first.get(i).count(),
          second.get(i).count());
    }
  }

  private static List<FeatureMoments> groups(List<FeatureMoments> blocks) {
    return groups(blocks.iterator(), blocks.size());
  }

  /**
   * Returns the moments of the groups, {@link #GROUPS} of them, for {@link #of}; of the blocks only
   * one is held at a time, where all might not fit the memory.
   *
   * @param blocks moments of consecutive samples
   * @param count number of blocks
   * @throws io.tandem.base.UserError if there are fewer than {@link #GROUPS}
   */
  public static List<FeatureMoments> groups(Iterator<FeatureMoments> blocks, int count) {
    check(
        count >= GROUPS,
        "Cannot estimate an error from %d blocks of samples (at least %d). Use more samples.",
        count,
        GROUPS);
    List<FeatureMoments> groups = new ArrayList<>();
    for (int i = 0; i < GROUPS; i++) {
      long size = (i + 1L) * count / GROUPS - (long) i * count / GROUPS;
      groups.add(FeatureMoments.sum(() -> Stream.generate(blocks::next).limit(size).iterator()));
    }
    return groups;
  }

  private static double[] withoutEach(
      List<FeatureMoments> groups, ToDoubleFunction<FeatureMoments> statistic) {
    FeatureMoments all = FeatureMoments.sum(groups);
    return groups.stream()
        .mapToDouble(group -> statistic.applyAsDouble(all.minus(group)))
        .toArray();
  }

  private static long[] sizes(List<FeatureMoments> groups) {
    return groups.stream().mapToLong(FeatureMoments::count).toArray();
  }
}
