package io.tandem.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.model.ScaleSchedule;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenStatisticsTest {

  private final TokenStatistics statistics =
      new TokenStatistics(new ScaleSchedule(List.of(1, 2)), 10);

  @Test
  void countsACodeOnceForAllScales() {
    statistics.add(0, new long[] {3});
    statistics.add(1, new long[] {3, 3, 9, 0});

    assertThat(statistics.codesUsedShare()).isEqualTo(0.3);
  }

  @Test
  void entropyIsInNatsAndByScale() {
    statistics.add(0, new long[] {7, 7, 7});
    statistics.add(1, new long[] {1, 1, 2, 3});
    statistics.add(1, new long[] {1, 1, 2, 3});

    assertThat(statistics.entropy(0)).isZero();
    // shares 1/2, 1/4, 1/4
    assertThat(statistics.entropy(1)).isCloseTo(1.5 * Math.log(2), within(1e-15));
  }

  @Test
  void nothingIsUsedAtFirst() {
    assertThat(statistics.codesUsedShare()).isZero();
    assertThat(statistics.entropy(1)).isZero();
  }

  @Test
  void rejectsTokensThatAreNone() {
    assertThatThrownBy(() -> statistics.add(1, new long[] {0, 1, 2, 10}))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot count token 10 at scale 2 (the codebook has 0 to 9)");
    assertThatThrownBy(() -> statistics.add(1, new long[3]))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot count 3 tokens at scale 2 (a multiple of 4)");
    assertThat(statistics.codesUsedShare()).isZero();
  }
}
