package io.tandem.sample;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PhiloxTest {

  // golden: the lines "philox4x32 10" of tests/kat_vectors in DEShawResearch/random123

  @Test
  void matchesThePublishedWordsForZeros() {
    assertThat(Philox.words(0, 0, 0, 0, 0))
        .containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
  }

  @Test
  void matchesThePublishedWordsForOnes() {
    assertThat(Philox.words(-1, -1, -1, -1, -1))
        .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
  }

  @Test
  void matchesThePublishedWordsForTheDigitsOfPi() {
    int[] counter = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};

    int[] words = Philox.words(0x299f31d0_a4093822L, counter);

    assertThat(words).containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    assertThat(counter[0]).as("the counter is not changed").isEqualTo(0x243f6a88);
  }
}
