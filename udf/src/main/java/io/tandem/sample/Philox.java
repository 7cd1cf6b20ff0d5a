package io.tandem.sample;

/**
 * Philox4x32-10, a random generator without state: a word depends on key and counter alone.
 *
 * @see <a href="https://doi.org/10.1145/2063384.2063405">Salmon et al., Parallel Random Numbers: As
 *     Easy as 1, 2, 3 (SC 2011), section 4.3</a>
 */
public final class Philox {

  private static final int ROUNDS = 10;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final long LOW = 0xFFFFFFFFL;

  private Philox() {}

  /**
   * Returns the four words of one counter.
   *
   * @param key low half is the first key word, high half the second
   * @param counter four words, not changed
   */
  public static int[] words(long key, int... counter) {
    int[] words = counter.clone();
    int key0 = (int) key;
    int key1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * (words[0] & LOW);
      long product1 = MULTIPLIER_1 * (words[2] & LOW);
      words[0] = (int) (product1 >>> 32) ^ words[1] ^ key0;
      words[1] = (int) product1;
      words[2] = (int) (product0 >>> 32) ^ words[3] ^ key1;
      words[3] = (int) product0;
      key0 += WEYL_0;
      key1 += WEYL_1;
    }
    return words;
  }
}
