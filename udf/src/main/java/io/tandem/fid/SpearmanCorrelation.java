package io.tandem.fid;

import io.tandem.base.UserError;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Whether one number grows with another: the correlation of their ranks. */
public final class SpearmanCorrelation {

  private SpearmanCorrelation() {}

  /**
   * Returns the correlation of the ranks of {@code first} and {@code second}, in [-1, 1]; equal
   * numbers share the mean of their ranks.
   *
   * @throws UserError if they are not of one length of at least 2, if a number is NaN, or if all
   *     numbers of one are equal
   */
  public static double of(double[] first, double[] second) {
    if (first.length != second.length || first.length < 2) {
      throw UserError.of(
          "Cannot correlate %d numbers with %d (as many, at least 2)", first.length, second.length);
    }
    double[] x = centredRanks(first);
    double[] y = centredRanks(second);
    return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
  }

  private static double[] centredRanks(double[] numbers) {
    if (Arrays.stream(numbers).anyMatch(Double::isNaN)) {
      throw UserError.of("Cannot rank %s: one is NaN", Arrays.toString(numbers));
    }
    if (Arrays.stream(numbers).allMatch(number -> number == numbers[0])) {
      throw UserError.of("Cannot correlate ranks of %d equal numbers", numbers.length);
    }
    int[] order =
        IntStream.range(0, numbers.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> numbers[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[numbers.length];
    for (int from = 0, to; from < order.length; from = to) {
      to = from + 1;
      while (to < order.length && numbers[order[to]] == numbers[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + to - 1) / 2.0 - (numbers.length - 1) / 2.0;
      }
    }
    return ranks;
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
