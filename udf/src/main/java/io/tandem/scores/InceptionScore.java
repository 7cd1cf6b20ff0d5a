package io.tandem.scores;

import static io.tandem.base.Checks.check;

import io.tandem.fid.Jackknife;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The Inception Score of a set of samples (Salimans et al., arXiv 1606.03498), summed sample by
 * sample: the mean over splits of {@code exp(mean KL(p | mean p))}.
 *
 * <p>Parts of a set can be summed apart and put together. The error of the score is that of leaving
 * out each of 20 groups of consecutive samples; the other samples stay in their splits. Not
 * thread-safe; serializable, some 8 bytes x classes x (splits + 20) or, where samples are shuffled,
 * x splits x 20.
 */
public final class InceptionScore implements Serializable {

  private static final long serialVersionUID = 1L;

  private final SplitRule rule;
  private final int classes;
  private final int samples;
  private final BitSet added = new BitSet();

  /** By split and group; absent while there are no samples of both. */
  private final SplitSums[][] cells;

  private transient int[] positions;

  /**
   * A score.
   *
   * @param mean of the splits
   * @param deviation standard deviation of the splits, as the rule has it; NaN for one split if the
   *     rule divides by one less
   * @param splits the score of each split
   * @param standardError of {@code mean} by the jackknife; empty for fewer than 20 samples
   */
  public record Result(
      double mean, double deviation, List<Double> splits, Optional<Double> standardError) {

    /** Takes a copy of {@code splits}. */
    public Result {
      splits = List.copyOf(splits);
    }
  }

  /**
   * Starts the score of {@code samples} samples, none of which has been added.
   *
   * @param classes numbers in a vector of logits
   * @throws io.tandem.base.UserError if they are too few for the rule
   */
  public InceptionScore(SplitRule rule, int classes, int samples) {
    this.rule = rule;
    this.classes = classes;
    this.samples = samples;
    this.cells = new SplitSums[rule.splits(samples)][Jackknife.GROUPS];
  }

  /**
   * Adds a sample.
   *
   * @param sample index, from 0, in the order of the set
   * @param logits natural logarithms of the class probabilities, up to a common summand
   * @throws io.tandem.base.UserError if there is no such sample, if it was added before, or if the
   *     logits are too many, too few or not finite
   */
  public void add(int sample, float[] logits) {
    check(
        sample >= 0 && sample < samples,
        "Cannot add the logits of sample %d: there is none (0 to %d)",
        sample,
        samples - 1);
    check(
        !added.get(sample),
        "Cannot add the logits of sample %d: they were added before (once)",
        sample);
    check(
        logits.length == classes,
        "Cannot use the logits of sample %d: there are %d (%d are needed). Use logits of one"
            + " network.",
        sample,
        logits.length,
        classes);
    for (int i = 0; i < classes; i++) {
      check(
          Float.isFinite(logits[i]),
          "Cannot use the logits of sample %d: number %d is %s (finite). Check the pictures and the"
              + " weights of the feature network.",
          sample,
          i,
          logits[i]);
    }
    added.set(sample);
    if (positions == null) {
      positions = rule.positions(samples);
    }
    int group = (int) ((long) sample * Jackknife.GROUPS / samples);
    rule.split(positions[sample], samples).ifPresent(split -> cell(split, group).add(logits));
  }

  private SplitSums cell(int split, int group) {
    if (cells[split][group] == null) {
      cells[split][group] = new SplitSums(classes);
    }
    return cells[split][group];
  }

  /**
   * Adds all samples that were added to {@code other}, a score of the same set.
   *
   * @throws io.tandem.base.UserError if a sample is in both
   */
  public void add(InceptionScore other) {
    if (!rule.equals(other.rule) || classes != other.classes || samples != other.samples) {
      throw new IllegalArgumentException("Cannot put scores of different sets together");
    }
    check(
        !added.intersects(other.added),
        "Cannot put two parts of an Inception Score together: samples are in both (in one)");
    added.or(other.added);
    for (int split = 0; split < cells.length; split++) {
      for (int group = 0; group < Jackknife.GROUPS; group++) {
        if (other.cells[split][group] != null) {
          cell(split, group).add(other.cells[split][group], 1);
        }
      }
    }
  }

  /**
   * Returns the score.
   *
   * @throws io.tandem.base.UserError if a sample has not been added
   */
  public Result result() {
    check(
        added.cardinality() == samples,
        "Cannot compute an Inception Score: %d of %d samples were added (all)",
        added.cardinality(),
        samples);
    List<SplitSums> splits = new ArrayList<>();
    for (SplitSums[] groups : cells) {
      SplitSums all = new SplitSums(classes);
      Arrays.stream(groups).filter(cell -> cell != null).forEach(cell -> all.add(cell, 1));
      splits.add(all);
    }
    List<Double> scores = splits.stream().map(SplitSums::score).toList();
    double mean = mean(scores);
    double squares = scores.stream().mapToDouble(score -> (score - mean) * (score - mean)).sum();
    int divisor = scores.size() - (rule.deviation() == SplitRule.Deviation.SAMPLE ? 1 : 0);
    Optional<Double> error =
        samples < Jackknife.GROUPS ? Optional.empty() : Optional.of(error(mean, splits));
    return new Result(mean, Math.sqrt(squares / divisor), scores, error);
  }

  private double error(double mean, List<SplitSums> splits) {
    double[] without = new double[Jackknife.GROUPS];
    long[] sizes = new long[Jackknife.GROUPS];
    for (int group = 0; group < Jackknife.GROUPS; group++) {
      List<Double> scores = new ArrayList<>();
      for (int split = 0; split < cells.length; split++) {
        SplitSums rest = splits.get(split).copy();
        if (cells[split][group] != null) {
          rest.add(cells[split][group], -1);
        }
        if (rest.count() > 0) {
          scores.add(rest.score());
        }
      }
      without[group] = mean(scores);
      sizes[group] = start(group + 1) - start(group);
    }
    return Jackknife.estimate(mean, without, sizes).standardError();
  }

  /** Returns the first sample of a group: the smallest one whose share is not below it. */
  private long start(int group) {
    return ((long) group * samples + Jackknife.GROUPS - 1) / Jackknife.GROUPS;
  }

  private static double mean(List<Double> scores) {
    return scores.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
