package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.generate.BatchRequest;
import io.tandem.generate.Sample;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SampleOrderTest {

  @Test
  void everyRunOfAllClassesHoldsEachOnce() {
    SampleOrder order = SampleOrder.seedMajor(7, List.of(10, 11, 12), 5);

    assertThat(IntStream.range(0, 5).mapToObj(order::at))
        .containsExactly(
            new Sample(7, 11),
            new Sample(8, 12),
            new Sample(9, 10),
            new Sample(10, 11),
            new Sample(11, 12));
  }

  @Test
  void aSampleDoesNotDependOnWhereTheOrderBegins() {
    SampleOrder whole = SampleOrder.seedMajor(0, List.of(4, 5, 6), 20);
    SampleOrder part = SampleOrder.seedMajor(13, List.of(4, 5, 6), 2);

    assertThat(part.at(1)).isEqualTo(whole.at(14));
  }

  @Test
  void theLastBatchIsFilledUpWithWhatWouldFollow() {
    StoredTokens given =
        new StoredTokens(
            3, List.of(new long[] {70, 80, 90}), Optional.empty(), OptionalLong.empty());

    List<BatchRequest> batches = SampleOrder.listed(5, List.of(7, 8, 9)).batches(42, 2, given);

    assertThat(batches).hasSize(2);
    assertThat(batches.get(1).seed()).isEqualTo(42);
    assertThat(batches.get(1).samples()).containsExactly(new Sample(7, 9), new Sample(8, 7));
    assertThat(batches.get(1).givenTokens().get(0)).containsExactly(90, 70);
  }

  @Test
  void reachesBeyondThirtyTwoBits() {
    SampleOrder order = SampleOrder.seedMajor(1L << 40, List.of(0, 1, 2), 1);

    assertThat(order.at(0)).isEqualTo(new Sample(1L << 40, (int) ((1L << 40) % 3)));
  }

  @Test
  void rejectsWhatCannotBeMade() {
    assertThatThrownBy(() -> SampleOrder.listed(0, List.of()))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot make images of no classes (at least one label is needed)");
    assertThatThrownBy(() -> SampleOrder.seedMajor(0, List.of(1), 1_000_001))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot make 1000001 images (1 to 1000000)");
  }
}
