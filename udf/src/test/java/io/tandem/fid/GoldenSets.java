package io.tandem.fid;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Sets of features that are whole numbers, correlated along each row. */
final class GoldenSets {

  /** 64 vectors of 8. */
  static final List<float[]> X = correlated(1, 64, 8, 256, 0);

  /** 48 vectors of 8. */
  static final List<float[]> Y = correlated(2, 48, 8, 160, 40);

  private GoldenSets() {}

  /**
   * Returns rows x with {@code x[j] = v[j] + v[j - 1]}, where v is {@code offset} plus a whole
   * number below {@code bound}.
   */
  static List<float[]> correlated(long seed, int rows, int columns, int bound, int offset) {
    SplittableRandom random = new SplittableRandom(seed);
    List<float[]> all = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      float[] vector = new float[columns];
      int before = 0;
      for (int i = 0; i < columns; i++) {
        int number = offset + (int) Math.floor(random.nextDouble() * bound);
        vector[i] = number + before;
        before = number;
      }
      all.add(vector);
    }
    return all;
  }

  /** Returns the moments of {@code vectors} about 0. */
  static FeatureMoments moments(List<float[]> vectors) {
    return FeatureMoments.of(new double[vectors.get(0).length], vectors);
  }

  static GaussianStatistics statistics(List<float[]> vectors) {
    return moments(vectors).statistics();
  }
}
