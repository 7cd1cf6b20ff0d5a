package io.tandem.sample;

/**
 * The random words behind the tokens of a batch, one per token.
 *
 * <p>A word depends on the seed of the run, the index of its sample, its scale and its position:
 * not on the batch, the neighbours, the order of work or the machine.
 */
public final class NoiseWords {

  private NoiseWords() {}

  /**
   * Returns the words of one scale.
   *
   * <p>B samples, l tokens. Key and counter of {@link Philox} are the seed and (low half of the
   * index, high half, scale, position); the word is the first of four.
   *
   * @param seed seed of the run, all 64 bits count
   * @param sampleIndexes index of each sample in the run, all 64 bits count
   * @param scale scale, counted from 0
   * @param tokens tokens of the scale
   * @return row-major [B, l]
   */
  public static int[] words(long seed, long[] sampleIndexes, int scale, int tokens) {
    int[] words = new int[Math.multiplyExact(sampleIndexes.length, tokens)];
    int next = 0;
    for (long index : sampleIndexes) {
      for (int position = 0; position < tokens; position++) {
        words[next++] = Philox.words(seed, (int) index, (int) (index >>> 32), scale, position)[0];
      }
    }
    return words;
  }
}
