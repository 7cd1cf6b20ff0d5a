package io.tandem.scores;

import java.util.Arrays;

/**
 * The random numbers of NumPy's {@code RandomState}, by which other tools shuffle samples and draw
 * subsets: the Mersenne Twister MT19937 and the draws that NumPy keeps as they are for good. Not
 * thread-safe.
 *
 * @see <a href="https://github.com/numpy/numpy/blob/v1.26.4/numpy/random/mtrand.pyx">NumPy, mtrand,
 *     shuffle and choice; src/mt19937/mt19937.c, mt19937_seed and mt19937_gen</a>
 */
public final class NumpyRandom {

  private static final int WORDS = 624;
  private static final int MIDDLE = 397;
  private static final int TWIST = 0x9908b0df;
  private static final int SEEDING = 1812433253;

  private final int[] words = new int[WORDS];
  private int next = WORDS;

  /**
   * Starts the sequence of {@code RandomState(seed)}.
   *
   * @param seed in [0, 2^32)
   */
  public NumpyRandom(long seed) {
    if (seed < 0 || seed > 0xffffffffL) {
      throw new IllegalArgumentException("Cannot seed NumPy's generator with " + seed);
    }
    words[0] = (int) seed;
    for (int i = 1; i < WORDS; i++) {
      words[i] = SEEDING * (words[i - 1] ^ (words[i - 1] >>> 30)) + i;
    }
  }

  /** Returns {@code permutation(count)}: the numbers from 0 to {@code count - 1}, shuffled. */
  public int[] permutation(int count) {
    int[] shuffled = new int[count];
    Arrays.setAll(shuffled, i -> i);
    for (int i = count - 1; i > 0; i--) {
      int j = upTo(i);
      int swapped = shuffled[i];
      shuffled[i] = shuffled[j];
      shuffled[j] = swapped;
    }
    return shuffled;
  }

  /** Returns {@code choice(count, drawn, replace=False)}: {@code drawn} different numbers. */
  public int[] choice(int count, int drawn) {
    if (drawn > count) {
      throw new IllegalArgumentException("Cannot draw %d of %d".formatted(drawn, count));
    }
    return Arrays.copyOf(permutation(count), drawn);
  }

  /** Draws until the low bits are in [0, {@code largest}]. */
  private int upTo(int largest) {
    int mask = -1 >>> Integer.numberOfLeadingZeros(largest);
    int drawn = word() & mask;
    while (drawn > largest) {
      drawn = word() & mask;
    }
    return drawn;
  }

  private int word() {
    if (next == WORDS) {
      twist();
    }
    int word = words[next++];
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return word ^ (word >>> 18);
  }

  private void twist() {
    for (int i = 0; i < WORDS; i++) {
      int bits = (words[i] & 0x80000000) | (words[(i + 1) % WORDS] & 0x7fffffff);
      int twist = (bits & 1) == 0 ? 0 : TWIST;
      words[i] = words[(i + MIDDLE) % WORDS] ^ (bits >>> 1) ^ twist;
    }
    next = 0;
  }
}
