package io.tandem.dataset;

/**
 * The random numbers of one picture. Not thread-safe: each picture makes its own.
 *
 * <p>Written out here because the pictures of a seed must stay the same under every JVM, which the
 * generators of the library do not promise.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood, Fast Splittable
 *     Pseudorandom Number Generators (OOPSLA 2014), figure 17, nextSeed and mix64 of variant 13</a>
 */
final class SplitMix64 {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final double TO_UNIT = 0x1p-53;

  private long state;

  private SplitMix64(long state) {
    this.state = state;
  }

  /** Returns the numbers of the published generator whose state is {@code state}. */
  static SplitMix64 startingAt(long state) {
    return new SplitMix64(state);
  }

  /** Returns the numbers that belong to picture {@code index} of {@code seed}. */
  static SplitMix64 of(long seed, long index) {
    // Mixed twice, so that neighbouring seeds and indexes start far from one another.
    return new SplitMix64(mixed(mixed(seed + GOLDEN_GAMMA) + GOLDEN_GAMMA * (index + 1)));
  }

  long nextWord() {
    state += GOLDEN_GAMMA;
    return mixed(state);
  }

  /** Returns a number from {@code low} to {@code high}, the latter excluded. */
  double uniform(double low, double high) {
    return low + (high - low) * ((nextWord() >>> 11) * TO_UNIT);
  }

  private static long mixed(long word) {
    long z = (word ^ word >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
