package io.tandem.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NoiseWordsTest {

  private static final long SEED = 0x299f31d0_a4093822L;

  @Test
  void takesTheFirstWordOfSeedIndexScaleAndPosition() {
    long index = 0x85a308d3_243f6a88L;

    int[] words = NoiseWords.words(SEED, new long[] {7, index}, 3, 5);

    assertThat(words).hasSize(10);
    assertThat(words[4]).isEqualTo(Philox.words(SEED, 7, 0, 3, 4)[0]);
    assertThat(words[5 + 4]).isEqualTo(Philox.words(SEED, 0x243f6a88, 0x85a308d3, 3, 4)[0]);
  }

  @Test
  void doNotDependOnTheNeighboursInTheBatch() {
    int[] alone = NoiseWords.words(SEED, new long[] {41}, 2, 9);
    int[] together = NoiseWords.words(SEED, new long[] {40, 41, 42}, 2, 9);

    assertThat(Arrays.copyOfRange(together, 9, 18)).isEqualTo(alone);
  }

  @Test
  void differBeyondTwoToTheThirtyTwo() {
    long beyond = 1L << 32;
    long[] index = {5};

    assertThat(NoiseWords.words(SEED, index, 0, 64))
        .doesNotContain(NoiseWords.words(SEED ^ beyond, index, 0, 64))
        .doesNotContain(NoiseWords.words(SEED + 1, index, 0, 64))
        .doesNotContain(NoiseWords.words(SEED, new long[] {5 + beyond}, 0, 64))
        .doesNotContain(NoiseWords.words(SEED, new long[] {5 + (beyond << 31)}, 0, 64));
  }

  @Test
  void differBetweenScalesPositionsAndSamples() {
    Set<Integer> seen = new HashSet<>();
    int drawn = 0;
    for (int scale = 0; scale < 4; scale++) {
      for (int word : NoiseWords.words(SEED, new long[] {0, 1, 2}, scale, 256)) {
        seen.add(word);
        drawn++;
      }
    }

    // 3,072 of 2^32 words: the chance of any pair being equal is 0.1 %, and this seed has none
    assertThat(seen).hasSize(drawn);
  }
}
