package io.tandem.features;

import java.util.Arrays;

/** What a feature network says about some pictures, one row each, in their order. Immutable. */
public final class FeatureRows {

  private final float[][] features;
  private final float[][] logits;

  private FeatureRows(float[][] features, float[][] logits) {
    this.features = features;
    this.logits = logits;
  }

  /**
   * Returns rows of numbers that a network gave.
   *
   * @param features one vector per picture
   * @param logits one number per class, for each picture
   */
  static FeatureRows of(float[][] features, float[][] logits) {
    return new FeatureRows(features, logits);
  }

  /** Returns the number of pictures. */
  public int count() {
    return features.length;
  }

  /** Returns the feature vector of picture {@code row}. */
  public float[] features(int row) {
    return features[row].clone();
  }

  /** Returns the probability of each class for picture {@code row}. */
  public double[] probabilities(int row) {
    return Arrays.stream(logProbabilities(row)).map(Math::exp).toArray();
  }

  /**
   * Returns the natural logarithm of the probability of each class for picture {@code row}; finite
   * also where the probability is 0 in float64.
   */
  public double[] logProbabilities(int row) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits[row]) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (float logit : logits[row]) {
      sum += Math.exp(logit - largest);
    }
    double[] logarithms = new double[logits[row].length];
    for (int i = 0; i < logarithms.length; i++) {
      logarithms[i] = logits[row][i] - largest - Math.log(sum);
    }
    return logarithms;
  }

  /** Returns the likeliest class of picture {@code row}, the first of equals. */
  public int likeliestClass(int row) {
    int likeliest = 0;
    for (int i = 1; i < logits[row].length; i++) {
      likeliest = logits[row][i] > logits[row][likeliest] ? i : likeliest;
    }
    return likeliest;
  }
}
