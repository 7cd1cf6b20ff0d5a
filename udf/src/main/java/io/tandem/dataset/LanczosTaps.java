package io.tandem.dataset;

/**
 * Which pixels of a line make each pixel of a resized line, and with which weights.
 *
 * <p>Filter, borders and fixed-point weights are those of Pillow, so that the bytes are the same as
 * those that the public training scripts see.
 *
 * @see <a href="https://github.com/python-pillow/Pillow/blob/11.0.0/src/libImaging/Resample.c">
 *     precompute_coeffs, normalize_coeffs_8bpc, lanczos_filter and clip8</a>
 */
final class LanczosTaps {

  private static final int LOBES = 3;
  private static final int FRACTION_BITS = 32 - 8 - 2;

  private final int[] first;
  private final int[][] weights;

  private LanczosTaps(int[] first, int[][] weights) {
    this.first = first;
    this.weights = weights;
  }

  /**
   * Returns the taps of some pixels of the new line.
   *
   * @param oldLength pixels of the line as it is
   * @param newLength pixels of the whole new line
   * @param from the first pixel of the new line that is wanted
   * @param count how many are wanted
   */
  static LanczosTaps of(int oldLength, int newLength, int from, int count) {
    double scale = (double) oldLength / newLength;
    // Where a line shrinks, the filter widens to take in all pixels: this is the anti-aliasing.
    double width = Math.max(1, scale);
    double support = LOBES * width;
    int[] first = new int[count];
    int[][] weights = new int[count][];
    for (int i = 0; i < count; i++) {
      double center = (from + i + 0.5) * scale;
      first[i] = Math.max(0, (int) (center - support + 0.5));
      int end = Math.min(oldLength, (int) (center + support + 0.5));
      double[] exact = new double[end - first[i]];
      double sum = 0;
      for (int tap = 0; tap < exact.length; tap++) {
        exact[tap] = lanczos((first[i] + tap - center + 0.5) / width);
        sum += exact[tap];
      }
      weights[i] = fixedPoint(exact, sum);
    }
    return new LanczosTaps(first, weights);
  }

  /** Returns the pixels that were wanted. */
  int count() {
    return first.length;
  }

  /** Returns the first pixel of the old line that any wanted pixel needs. */
  int start() {
    return first[0];
  }

  /** Returns the pixel of the old line behind the last one that any wanted pixel needs. */
  int end() {
    int last = first.length - 1;
    return first[last] + weights[last].length;
  }

  /**
   * Returns one sample of the new line.
   *
   * @param pixel which of the wanted pixels
   * @param samples where the old line lies
   * @param offset index of the sample of its pixel 0; may be negative if no tap reaches it
   * @param stride distance from one pixel to the next
   */
  byte sample(int pixel, byte[] samples, int offset, int stride) {
    int at = offset + first[pixel] * stride;
    int sum = 1 << (FRACTION_BITS - 1);
    for (int weight : weights[pixel]) {
      sum += weight * (samples[at] & 0xff);
      at += stride;
    }
    return (byte) Math.max(0, Math.min(255, sum >> FRACTION_BITS));
  }

  private static int[] fixedPoint(double[] exact, double sum) {
    int[] weights = new int[exact.length];
    for (int tap = 0; tap < exact.length; tap++) {
      weights[tap] = (int) Math.round(exact[tap] / sum * (1 << FRACTION_BITS));
    }
    return weights;
  }

  private static double lanczos(double x) {
    return x >= -LOBES && x < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : StrictMath.sin(Math.PI * x) / (Math.PI * x);
  }
}
