package io.tandem.quality;

import static io.tandem.base.Checks.check;

import io.tandem.model.ScaleSchedule;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** How often each code of a codebook is used, scale by scale. Not thread-safe. */
public final class TokenStatistics {

  private final ScaleSchedule schedule;
  private final long[][] counts;

  /**
   * Makes statistics of no tokens.
   *
   * @param vocabulary codes in the codebook
   */
  public TokenStatistics(ScaleSchedule schedule, int vocabulary) {
    this.schedule = schedule;
    this.counts = new long[schedule.scales()][vocabulary];
  }

  /**
   * Adds the tokens of {@code scale}, of one picture or of several.
   *
   * @param ids in [0, vocabulary), a whole number of token maps
   * @throws io.tandem.base.UserError if an id or their number is wrong
   */
  public void add(int scale, long[] ids) {
    check(
        ids.length % schedule.tokens(scale) == 0,
        "Cannot count %d tokens at scale %d (a multiple of %d)",
        ids.length,
        scale + 1,
        schedule.tokens(scale));
    for (long id : ids) {
      check(
          id >= 0 && id < counts[scale].length,
          "Cannot count token %d at scale %d (the codebook has 0 to %d)",
          id,
          scale + 1,
          counts[scale].length - 1);
    }
    for (long id : ids) {
      counts[scale][(int) id]++;
    }
  }

  /** Returns the share of the codebook that is used at any scale, in [0, 1]. */
  public double codesUsedShare() {
    int vocabulary = counts[0].length;
    long used =
        IntStream.range(0, vocabulary)
            .filter(code -> IntStream.range(0, counts.length).anyMatch(k -> counts[k][code] > 0))
            .count();
    return (double) used / vocabulary;
  }

  /** Returns the entropy of the tokens of {@code scale} in nats; 0 where there are none. */
  public double entropy(int scale) {
    long all = LongStream.of(counts[scale]).sum();
    double entropy = 0;
    for (long count : counts[scale]) {
      double share = (double) count / all;
      entropy -= count == 0 ? 0 : share * Math.log(share);
    }
    return entropy;
  }
}
