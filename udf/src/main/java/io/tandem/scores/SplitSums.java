package io.tandem.scores;

import java.io.Serializable;

/**
 * Sums over class probabilities p from which the Inception Score of a split follows: how many there
 * are, the sum of p ln p, and the sum of p of each class. Not thread-safe.
 */
final class SplitSums implements Serializable {

  private static final long serialVersionUID = 1L;

  private long count;
  private double negentropy;
  private final double[] sums;

  SplitSums(int classes) {
    sums = new double[classes];
  }

  /** Adds a sample by its logits, which are finite. */
  void add(float[] logits) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    double logarithm = Math.log(sum);
    for (int i = 0; i < logits.length; i++) {
      double logProbability = logits[i] - largest - logarithm;
      double probability = Math.exp(logProbability);
      sums[i] += probability;
      negentropy += probability * logProbability;
    }
    count++;
  }

  void add(SplitSums other, int sign) {
    count += sign * other.count;
    negentropy += sign * other.negentropy;
    for (int i = 0; i < sums.length; i++) {
      sums[i] += sign * other.sums[i];
    }
  }

  SplitSums copy() {
    SplitSums copy = new SplitSums(sums.length);
    copy.add(this, 1);
    return copy;
  }

  long count() {
    return count;
  }

  /** Returns exp of the mean of sum p (ln p - ln q), q being the mean of p. */
  double score() {
    double exponent = negentropy / count;
    for (double sum : sums) {
      // what is left of a class after a subtraction may be below 0 by rounding
      double mean = sum / count;
      exponent -= mean > 0 ? mean * Math.log(mean) : 0;
    }
    return Math.exp(exponent);
  }
}
