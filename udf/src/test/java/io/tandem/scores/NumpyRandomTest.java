package io.tandem.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Expected numbers are those of NumPy 2.4.6. */
class NumpyRandomTest {

  @Test
  void shufflesAsNumPyDoes() {
    NumpyRandom random = new NumpyRandom(2020);

    assertThat(random.permutation(10)).containsExactly(2, 4, 9, 1, 5, 7, 6, 3, 8, 0);
    assertThat(random.permutation(10)).containsExactly(5, 7, 6, 4, 3, 1, 2, 8, 9, 0);
  }

  @Test
  void drawsAsNumPyDoes() {
    NumpyRandom random = new NumpyRandom(2020);

    assertThat(random.choice(1000, 5)).containsExactly(725, 986, 815, 656, 469);
    assertThat(random.choice(70_000, 3)).containsExactly(38095, 14475, 60269);
  }

  @Test
  void shufflesMoreThanItsStateHolds() {
    int[] shuffled = new NumpyRandom(0xffffffffL).permutation(100_000);

    assertThat(shuffled).startsWith(85117, 19600, 4648, 56853);
    long weighted = 0;
    for (int i = 0; i < shuffled.length; i++) {
      weighted += (long) shuffled[i] * (i % 97);
    }
    assertThat(weighted).isEqualTo(240136693441L);
  }

  @Test
  void rejectsWhatNumPyRejects() {
    assertThatThrownBy(() -> new NumpyRandom(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot seed NumPy's generator with -1");
    assertThatThrownBy(() -> new NumpyRandom(1).choice(3, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot draw 4 of 3");
  }
}
