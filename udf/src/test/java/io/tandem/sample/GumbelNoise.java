package io.tandem.sample;

/**
 * The noise that the sampling kernel adds to logits, in plain Java.
 *
 * <p>One random word per token becomes noise for each id of the vocabulary by an integer hash, so
 * that no kernel has to run a generator 4,096 times per token. All integer arithmetic wraps at 32
 * bits.
 */
public final class GumbelNoise {

  private static final int GOLDEN_RATIO = 0x9E3779B9;

  private GumbelNoise() {}

  /**
   * Returns the hash of a word and an id: the final mix of MurmurHash3 after a Weyl step.
   *
   * <p>It is one-to-one in the word for a fixed id and in the id for a fixed word.
   */
  static int hash(int word, int id) {
    int x = word ^ (id * GOLDEN_RATIO);
    x ^= x >>> 16;
    x *= 0x85EBCA6B;
    x ^= x >>> 13;
    x *= 0xC2B2AE35;
    x ^= x >>> 16;
    return x;
  }

  /** Returns a number of (0, 1), evenly spread. */
  static float uniform(int word, int id) {
    float unsigned = (float) Integer.toUnsignedLong(hash(word, id));
    return Math.min((unsigned + 0.5f) * 0x1p-32f, 1 - 0x1p-24f);
  }

  /** Returns standard Gumbel noise, between -2.82 and 22.88. */
  public static float of(int word, int id) {
    float exponential = (float) -Math.log1p(-uniform(word, id));
    return (float) -Math.log(exponential);
  }
}
