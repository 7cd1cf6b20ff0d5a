package io.tandem.train;

import io.tandem.sample.Philox;

/**
 * Which examples each step sees: a new permutation of all examples in every epoch, computed without
 * state, so that a resumed run goes on exactly where it stopped.
 *
 * <p>A permutation is a Feistel network of four rounds over the next power of four, walked until it
 * lands inside (Black and Rogaway, Ciphers with Arbitrary Finite Domains, 2002).
 *
 * @param examples how many there are
 * @param seed chooses the permutations
 */
record BatchOrder(long examples, long seed) {

  private static final int ROUNDS = 4;

  /** Returns the example at {@code position} of the endless sequence of epochs. */
  long example(long position) {
    long epoch = position / examples;
    long place = position % examples;
    int halfBits = Math.max(1, (65 - Long.numberOfLeadingZeros(examples - 1)) / 2);
    do {
      place = permuted(place, epoch, halfBits);
    } while (place >= examples);
    return place;
  }

  private long permuted(long place, long epoch, int halfBits) {
    long mask = (1L << halfBits) - 1;
    long left = place >>> halfBits;
    long right = place & mask;
    for (int round = 0; round < ROUNDS; round++) {
      int[] words = Philox.words(seed, (int) right, (int) epoch, (int) (epoch >>> 32), round);
      long mixed = (left ^ words[0]) & mask;
      left = right;
      right = mixed;
    }
    return left << halfBits | right;
  }
}
