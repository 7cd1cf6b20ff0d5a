package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateTest {

  private static final LearningRate RATE = new LearningRate(0.02, 100, 0.1);

  /** 1,101 steps: after 100 of warm-up, step s has passed (s - 100) / 1000 of the rest. */
  @ParameterizedTest
  @CsvSource({
    "0, 0.0001",
    "50, 0.01005",
    "99, 0.019801",
    "100, 0.02",
    "149, 0.02",
    "150, 0.02",
    "625, 0.011",
    "1100, 0.002"
  })
  void risesStaysAndFalls(long step, double expected) {
    assertThat(RATE.at(step, 1101)).isCloseTo(expected, within(1e-15));
  }

  @Test
  void fallsEvenlyFromTheMiddleOn() {
    double fall = RATE.at(400, 1101) - RATE.at(401, 1101);

    assertThat(fall).isPositive();
    assertThat(RATE.at(900, 1101) - RATE.at(901, 1101)).isCloseTo(fall, within(1e-12));
  }

  @Test
  void runsOfOneStepAndWithoutWarmUpHaveThePeak() {
    assertThat(new LearningRate(0.5, 0, 0).at(0, 1)).isEqualTo(0.5);
    assertThat(new LearningRate(0.5, 0, 0).at(0, 10)).isEqualTo(0.5);
    assertThat(new LearningRate(0.5, 0, 0).at(9, 10)).isZero();
    assertThat(new LearningRate(0.5, 10, 1).at(3, 4)).isLessThan(0.5);
  }

  @Test
  void refusesWhatIsNoRate() {
    assertRefused(0, 0, 0, "Cannot train at a learning rate of 0.0 (more than 0)");
    assertRefused(Double.NaN, 0, 0, "Cannot train at a learning rate of NaN (more than 0)");
    assertRefused(1, -1, 0, "Cannot warm up for -1 steps (0 or more)");
    assertRefused(1, 0, 1.5, "Cannot end at 1.5 of the learning rate (0 to 1)");
  }

  private static void assertRefused(double peak, long warmUp, double end, String message) {
    assertThatThrownBy(() -> new LearningRate(peak, warmUp, end))
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }
}
