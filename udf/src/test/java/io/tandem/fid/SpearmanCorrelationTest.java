package io.tandem.fid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import org.junit.jupiter.api.Test;

class SpearmanCorrelationTest {

  @Test
  void looksAtOrderOnly() {
    double[] numbers = {1, 2, 3, 4};

    assertThat(SpearmanCorrelation.of(numbers, new double[] {-5, 0, 1, 1e9})).isEqualTo(1);
    assertThat(SpearmanCorrelation.of(numbers, new double[] {9, 8, 7, 1})).isEqualTo(-1);
  }

  @Test
  void ofRanksByHand() {
    // differences of ranks 0, -2, 1, -1, 2
    assertThat(
            SpearmanCorrelation.of(new double[] {1, 2, 3, 4, 5}, new double[] {10, 30, 20, 50, 21}))
        .isCloseTo(1 - 6 * 10 / (5 * 24.0), within(1e-15));
  }

  @Test
  void equalNumbersShareTheMeanOfTheirRanks() {
    // ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4
    assertThat(SpearmanCorrelation.of(new double[] {1, 2, 2, 3}, new double[] {1, 2, 3, 4}))
        .isCloseTo(4.5 / Math.sqrt(4.5 * 5), within(1e-15));
  }

  @Test
  void rejectsWhatHasNoOrder() {
    assertThatThrownBy(() -> SpearmanCorrelation.of(new double[3], new double[2]))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot correlate 3 numbers with 2 (as many, at least 2)");
    assertThatThrownBy(() -> SpearmanCorrelation.of(new double[] {1}, new double[] {2}))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot correlate 1 numbers with 1 (as many, at least 2)");
    assertThatThrownBy(
            () -> SpearmanCorrelation.of(new double[] {1, 2}, new double[] {Double.NaN, 1}))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot rank [NaN, 1.0]: one is NaN");
    assertThatThrownBy(() -> SpearmanCorrelation.of(new double[] {1, 2}, new double[] {3, 3}))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot correlate ranks of 2 equal numbers");
  }
}
