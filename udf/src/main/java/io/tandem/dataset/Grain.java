package io.tandem.dataset;

/** Noise that is alike over about two pixels, so that it can be coded at all. */
final class Grain {

  /** Standard deviation, in steps of 255. */
  static final double SIGMA = 3.5;

  /** That of uniform noise of width 1 behind the binomial filter in both directions. */
  private static final double FILTERED_SIGMA = Math.sqrt(1 / 12.0) * 3 / 8;

  private Grain() {}

  /** Returns noise of mean 0 and standard deviation {@link #SIGMA}: [side, side]. */
  static float[] drawn(SplitMix64 random, int side) {
    int stride = side + 2;
    float[] white = white(random, stride * stride);
    float[] rows = new float[stride * side];
    for (int y = 0; y < stride; y++) {
      for (int x = 0; x < side; x++) {
        int at = y * stride + x;
        rows[y * side + x] = white[at] + 2 * white[at + 1] + white[at + 2];
      }
    }
    float[] grain = new float[side * side];
    float scale = (float) (SIGMA / FILTERED_SIGMA / 16);
    for (int at = 0; at < grain.length; at++) {
      grain[at] = scale * (rows[at] + 2 * rows[at + side] + rows[at + 2 * side]);
    }
    return grain;
  }

  /** Returns independent numbers from -0.5 to 0.5, four from each word. */
  private static float[] white(SplitMix64 random, int count) {
    float[] white = new float[count];
    long word = 0;
    for (int i = 0; i < count; i++) {
      word = i % 4 == 0 ? random.nextWord() : word >>> 16;
      white[i] = (word & 0xffff) / 65535f - 0.5f;
    }
    return white;
  }
}
