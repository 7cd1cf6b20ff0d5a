package io.tandem.features;

import io.tandem.kernel.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a feature network says about some pictures, one row each, in their order. Immutable. */
public final class FeatureRows {

  private final float[][] features;
  private final float[][] logits;
  private final float[][] spatial;

  private FeatureRows(float[][] features, float[][] logits, float[][] spatial) {
    this.features = features;
    this.logits = logits;
    this.spatial = spatial;
  }

  /** Collects the rows of one batch after the other. */
  static final class Builder {
    private final List<float[]> features = new ArrayList<>();
    private final List<float[]> logits = new ArrayList<>();
    private final List<float[]> spatial = new ArrayList<>();

    /** Adds the rows of [count, F] features and [count, K] logits. */
    void add(int count, Tensor featureRows, Tensor logitRows) {
      split(featureRows, count, features);
      split(logitRows, count, logits);
    }

    /** Adds the rows of a tap [count, D]. */
    void addSpatial(int count, Tensor spatialRows) {
      split(spatialRows, count, spatial);
    }

    private static void split(Tensor tensor, int count, List<float[]> target) {
      float[] numbers = tensor.toFloats();
      int width = numbers.length / count;
      for (int row = 0; row < count; row++) {
        target.add(Arrays.copyOfRange(numbers, row * width, (row + 1) * width));
      }
    }

    FeatureRows build() {
      return new FeatureRows(
          features.toArray(float[][]::new),
          logits.toArray(float[][]::new),
          spatial.toArray(float[][]::new));
    }
  }

  /**
   * Returns rows of numbers that a network gave.
   *
   * @param features one vector per picture
   * @param logits one number per class, for each picture
   */
  static FeatureRows of(float[][] features, float[][] logits) {
    return new FeatureRows(features, logits, new float[0][]);
  }

  /** Returns the number of pictures. */
  public int count() {
    return features.length;
  }

  /** Returns the feature vector of picture {@code row}. */
  public float[] features(int row) {
    return features[row].clone();
  }

  /** Returns the numbers of the tap of sFID for picture {@code row}; none without a tap. */
  public float[] spatial(int row) {
    return spatial.length == 0 ? new float[0] : spatial[row].clone();
  }

  /** Returns the logits of picture {@code row}, one per class. */
  public float[] logits(int row) {
    return logits[row].clone();
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
