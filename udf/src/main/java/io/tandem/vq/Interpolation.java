package io.tandem.vq;

/**
 * Resizing of square maps as constant matrices: {@code y = M x M^T}.
 *
 * <p>Equal to what PyTorch's {@code interpolate} computes, in float64.
 */
public final class Interpolation {

  /** Coefficient of cubic convolution. */
  private static final double A = -0.75;

  private Interpolation() {}

  /**
   * Returns the bicubic matrix [to, from], row-major: half-pixel centres, no antialiasing, indexes
   * clamped at the border.
   */
  public static double[] bicubic(int from, int to) {
    double[] matrix = new double[to * from];
    for (int row = 0; row < to; row++) {
      double source = (row + 0.5) * from / to - 0.5;
      int left = (int) Math.floor(source);
      double t = source - left;
      double[] weights = {outer(t + 1), inner(t), inner(1 - t), outer(2 - t)};
      for (int tap = 0; tap < 4; tap++) {
        int column = Math.min(Math.max(left - 1 + tap, 0), from - 1);
        matrix[row * from + column] += weights[tap];
      }
    }
    return matrix;
  }

  /** Returns the area matrix [to, from], row-major: each row is the mean of the cells it covers. */
  public static double[] area(int from, int to) {
    double[] matrix = new double[to * from];
    for (int row = 0; row < to; row++) {
      int start = row * from / to;
      int end = ((row + 1) * from + to - 1) / to;
      for (int column = start; column < end; column++) {
        matrix[row * from + column] = 1.0 / (end - start);
      }
    }
    return matrix;
  }

  /** Cubic convolution at distance up to 1. */
  private static double inner(double t) {
    return ((A + 2) * t - (A + 3)) * t * t + 1;
  }

  /** Cubic convolution at distance 1 to 2. */
  private static double outer(double t) {
    return ((A * t - 5 * A) * t + 8 * A) * t - 4 * A;
  }
}
