package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NumberRangesTest {

  @Test
  void writesRunsAsRanges() {
    assertThat(NumberRanges.text(List.of(0, 1, 2, 3, 207, 5, 6))).isEqualTo("0-3,207,5,6");
    assertThat(NumberRanges.text(List.of(3, 3, 2, 1))).isEqualTo("3,3,2,1");
  }

  @Test
  void readsWhatItWrites() {
    for (List<Integer> numbers :
        List.of(List.of(0), List.of(9, 8, 7), List.of(0, 1, 2, 3, 3, 4, 5), List.of(5, 6, 2))) {
      assertThat(NumberRanges.parse("--labels", NumberRanges.text(numbers), 10)).isEqualTo(numbers);
    }
  }
}
