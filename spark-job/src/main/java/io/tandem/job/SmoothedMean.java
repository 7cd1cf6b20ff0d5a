package io.tandem.job;

/** A mean that forgets: what came {@code horizon} values ago counts a third of the latest one. */
final class SmoothedMean {

  private final double kept;
  private double sum;
  private double weight;

  SmoothedMean(double horizon) {
    kept = 1 - 1 / horizon;
  }

  void add(double value) {
    sum = kept * sum + (1 - kept) * value;
    weight = kept * weight + (1 - kept);
  }

  /** Returns the mean of what was added, at least one value. */
  double value() {
    return sum / weight;
  }
}
