package io.tandem.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RangeSetTest {

  @Test
  void keepsNumbersInTheOrderInWhichTheyWereMet() {
    assertThat(added(5, 6, 7, 2, 3, 3, 9))
        .containsExactly(range(5, 8), range(2, 4), range(3, 4), range(9, 10));
    assertThat(added()).isEmpty();
    assertThat(added(0)).containsExactly(range(0, 1));
  }

  @Test
  void mergesWhatTouches() {
    assertThat(RangeSet.merged(List.of(range(4, 8), range(0, 2), range(2, 3), range(5, 6))))
        .containsExactly(range(0, 3), range(4, 8));
  }

  @Test
  void namesWhatIsThereTwice() {
    List<SampleRange> found = new ArrayList<>();
    RangeSet.repeated(List.of(range(0, 8), range(2, 4), range(3, 5), range(7, 9)), found::add);

    assertThat(found).containsExactly(range(2, 5), range(7, 8));
  }

  @Test
  void namesWhatIsMissing() {
    assertThat(missing(List.of(range(0, 10)), List.of(range(8, 9), range(2, 4))))
        .containsExactly(range(0, 2), range(4, 8), range(9, 10));
    assertThat(missing(List.of(range(0, 2), range(4, 6)), List.of(range(1, 5))))
        .containsExactly(range(0, 1), range(5, 6));
    assertThat(missing(List.of(range(3, 4), range(6, 7)), List.of(range(0, 9)))).isEmpty();
    assertThat(missing(List.of(range(3, 4)), List.of())).containsExactly(range(3, 4));
    assertThat(missing(List.of(), List.of(range(3, 4)))).isEmpty();
  }

  @Test
  void rejectsARangeOfNothing() {
    assertThatThrownBy(() -> range(4, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There are no numbers from 4 to before 4");
  }

  private static List<SampleRange> missing(List<SampleRange> whole, List<SampleRange> parts) {
    List<SampleRange> found = new ArrayList<>();
    RangeSet.missing(whole, parts, found::add);
    return found;
  }

  private static List<SampleRange> added(long... numbers) {
    RangeSet set = new RangeSet();
    LongStream.of(numbers).forEach(set::add);
    return set.ranges();
  }

  private static SampleRange range(long first, long end) {
    return new SampleRange(first, end);
  }
}
