package io.tandem.testing;

import static org.assertj.core.api.Assertions.assertThat;

/** Comparisons of row-major tensors that name the worst entry. */
public final class FloatArrays {

  private FloatArrays() {}

  /** Passes if no entry differs by more than {@code tolerance}. */
  public static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
    assertThat(actual.length).as("entries of %s", what).isEqualTo(expected.length);
    int worst = 0;
    for (int i = 0; i < actual.length; i++) {
      if (!(difference(actual, expected, i) <= difference(actual, expected, worst))) {
        worst = i;
      }
    }
    assertThat(difference(actual, expected, worst))
        .as("%s at %d: %s, expected %s", what, worst, actual[worst], expected[worst])
        .isLessThanOrEqualTo(tolerance);
  }

  /** Returns {@code ||actual - expected|| / ||expected||}. */
  public static double relativeError(float[] actual, float[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += square(actual[i] - expected[i]);
      norm += square(expected[i]);
    }
    return Math.sqrt(difference / norm);
  }

  /**
   * Returns every {@code steps[i]}-th entry along axis i of a row-major tensor, at most {@code
   * counts[i]} of them.
   */
  public static float[] every(float[] tensor, int[] shape, int[] steps, int[] counts) {
    int[] strides = new int[shape.length];
    int[] picked = new int[shape.length];
    int stride = 1;
    int total = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
      picked[axis] = Math.min(counts[axis], (shape[axis] + steps[axis] - 1) / steps[axis]);
      total *= picked[axis];
    }
    float[] out = new float[total];
    for (int i = 0; i < total; i++) {
      int rest = i;
      int offset = 0;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        offset += rest % picked[axis] * steps[axis] * strides[axis];
        rest /= picked[axis];
      }
      out[i] = tensor[offset];
    }
    return out;
  }

  private static double difference(float[] a, float[] b, int i) {
    return Math.abs((double) a[i] - b[i]);
  }

  private static double square(double x) {
    return x * x;
  }
}
