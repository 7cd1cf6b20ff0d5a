package io.tandem.scores;

import java.util.Arrays;

/**
 * Whether samples are stored class by class, which makes an Inception Score in consecutive splits
 * far too low: each split then knows only a few classes.
 */
public final class ClassOrder {

  private ClassOrder() {}

  /**
   * Returns whether equal labels stand together: there are fewer than half as many changes of label
   * beyond the unavoidable ones as a random order would have. False for fewer than two samples of a
   * class on average.
   *
   * @param labels classes, from 0, in the order of the samples
   */
  public static boolean isByClass(int[] labels) {
    int samples = labels.length;
    long[] counts = new long[Arrays.stream(labels).max().orElse(0) + 1];
    int runs = 0;
    for (int i = 0; i < samples; i++) {
      counts[labels[i]]++;
      runs += i == 0 || labels[i] != labels[i - 1] ? 1 : 0;
    }
    long classes = Arrays.stream(counts).filter(count -> count > 0).count();
    if (samples < 2 * classes || samples < 2) {
      return false;
    }
    double equalPairs = Arrays.stream(counts).mapToDouble(count -> count * (count - 1.0)).sum();
    double expectedRuns = 1 + (samples - 1) * (1 - equalPairs / samples / (samples - 1));
    return runs - classes < (expectedRuns - classes) / 2;
  }
}
