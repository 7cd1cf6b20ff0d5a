package io.tandem.wave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.generate.BatchRequest;
import io.tandem.generate.Sample;
import java.util.List;
import org.junit.jupiter.api.Test;

class SampleBatchesTest {

  private final SampleBatches batches = new SampleBatches(new CycledLabels(List.of(5, 7, 2)), 4);

  @Test
  void labelsRepeatInOrder() {
    assertThat(new CycledLabels(List.of(5, 7, 2)).labels(4, 5)).containsExactly(7, 2, 5, 7, 2);
  }

  @Test
  void labelsOfAnyIndexAreKnown() {
    assertThat(new CycledLabels(List.of(5, 7)).labels(Long.MAX_VALUE - 2, 2)).containsExactly(7, 5);
  }

  @Test
  void aBatchHoldsItsGroupOfSamples() {
    assertThat(batches.request(9, 1))
        .isEqualTo(
            BatchRequest.of(
                9,
                List.of(new Sample(4, 7), new Sample(5, 2), new Sample(6, 5), new Sample(7, 7))));
  }

  @Test
  void everySampleIsInOneBatch() {
    for (long sample = 0; sample < 20; sample++) {
      long batch = batches.batchOf(sample);

      assertThat(sample).isBetween(batches.firstSample(batch), batches.firstSample(batch) + 3);
    }
  }

  @Test
  void aWaveHoldsItsSamplesAlone() {
    Wave wave = new Wave(2, 10, 14);

    assertThat(wave.images()).isEqualTo(4);
    assertThat(List.of(9L, 10L, 13L, 14L)).filteredOn(wave::holds).containsExactly(10L, 13L);
  }

  @Test
  void rejectsBatchesOfNothing() {
    assertThatThrownBy(() -> new SampleBatches(new CycledLabels(List.of(1)), 0))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot decode batches of 0 images (at least 1)");
  }

  @Test
  void rejectsNoLabels() {
    assertThatThrownBy(() -> new CycledLabels(List.of()))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot make images of no classes (at least one label is needed)");
  }

  @Test
  void rejectsAWaveOfNothing() {
    assertThatThrownBy(() -> new Wave(0, 4, 4)).hasMessage("Wave 0 cannot hold samples 4 to 3");
  }
}
