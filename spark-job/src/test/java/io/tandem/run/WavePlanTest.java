package io.tandem.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.wave.Wave;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WavePlanTest {

  @Test
  void dividesSamplesIntoWaves() {
    assertThat(WavePlan.of(1000, 300).stream())
        .containsExactly(
            new Wave(0, 0, 300),
            new Wave(1, 300, 600),
            new Wave(2, 600, 900),
            new Wave(3, 900, 1000));
    assertThat(WavePlan.of(600, 300).waves()).isEqualTo(2);
    assertThat(WavePlan.of(1, 300).stream()).containsExactly(new Wave(0, 0, 1));
  }

  @Test
  void aLongerRunKeepsItsWavesAndGoesOnAtTheOldEnd() {
    WavePlan plan = WavePlan.of(1000, 300);

    WavePlan longer = plan.extended(1500, 200);

    assertThat(longer.stream())
        .containsExactly(
            new Wave(0, 0, 300),
            new Wave(1, 300, 600),
            new Wave(2, 600, 900),
            new Wave(3, 900, 1000),
            new Wave(4, 1000, 1200),
            new Wave(5, 1200, 1400),
            new Wave(6, 1400, 1500));
    assertThat(longer.extended(1500, 7)).isSameAs(longer);
  }

  @Test
  void onlyTheFirstWaveOfAnExtensionMayStartInsideABatch() {
    WavePlan longer = WavePlan.of(1003, 300).extended(2000, 400);

    assertThat(longer.stream().skip(4))
        .containsExactly(new Wave(4, 1003, 1200), new Wave(5, 1200, 1600), new Wave(6, 1600, 2000));
  }

  @Test
  void manyExtensionsStillCoverEachSampleOnce() {
    Random random = new Random(42);
    for (int round = 0; round < 50; round++) {
      WavePlan plan = WavePlan.of(1 + random.nextInt(500), 8L * (1 + random.nextInt(20)));
      for (int i = 0; i < 10; i++) {
        plan = plan.extended(plan.images() + random.nextInt(500), 8L * (1 + random.nextInt(20)));
      }

      long next = 0;
      List<Wave> waves = plan.stream().toList();
      for (int i = 0; i < waves.size(); i++) {
        assertThat(waves.get(i).number()).isEqualTo(i);
        assertThat(waves.get(i).first()).isEqualTo(next);
        next = waves.get(i).end();
        long end = next;
        assertThat(next % 8 == 0 || plan.segments().stream().anyMatch(s -> s.endSample() == end))
            .isTrue();
      }
      assertThat(next).isEqualTo(plan.images());
    }
  }

  @Test
  void plansALotAtOnce() {
    WavePlan plan = WavePlan.of(Long.MAX_VALUE, 1L << 33);

    assertThat(plan.waves()).isEqualTo(1 << 30);
    assertThat(plan.wave((1 << 30) - 1))
        .isEqualTo(new Wave((1 << 30) - 1, Long.MAX_VALUE - (1L << 33) + 1, Long.MAX_VALUE));
    // as many as the memory of this JVM could not hold
    assertThat(plan.stream().limit(1_000_000).mapToLong(Wave::images).sum())
        .isEqualTo(1_000_000L << 33);
  }

  @Test
  void isTheSameWhereverItWasMade() {
    WavePlan plan = WavePlan.of(1000, 300).extended(1500, 200);

    assertThat(new WavePlan(plan.segments())).isEqualTo(plan);
  }

  @ParameterizedTest
  @CsvSource({
    // batch, slots, images/s, images per wave
    "50, 2, 0, 400",
    "50, 2, 1, 400",
    "50, 2, 10, 3000",
    "50, 2, 10.01, 3050",
    "7, 3, 1, 301",
    "1, 1, 0, 4",
    "8, 1000, 1e9, 2147483648"
  })
  void aWaveIsFiveMinutesAndFourBatchesPerSlot(
      int batch, int slots, double imagesPerSecond, long waveImages) {
    assertThat(WavePlan.defaultWaveImages(batch, slots, imagesPerSecond)).isEqualTo(waveImages);
  }

  @ParameterizedTest
  @CsvSource({"1, 50, 50", "50, 50, 50", "51, 50, 100", "100, 1, 100"})
  void roundsUpToWholeBatches(long given, int batch, long waveImages) {
    assertThat(WavePlan.wholeBatches(given, batch)).isEqualTo(waveImages);
  }

  @ParameterizedTest
  @CsvSource({"NaN", "-1"})
  void knowsNoSuchSpeed(double imagesPerSecond) {
    assertThatThrownBy(() -> WavePlan.defaultWaveImages(1, 1, imagesPerSecond))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rejectsNoImagesAndNoWaves() {
    assertThatThrownBy(() -> WavePlan.of(0, 10))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot make 0 images (1 or more)");
    assertThatThrownBy(() -> WavePlan.wholeBatches(0, 10))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot make waves of 0 images (1 or more)");
    assertThatThrownBy(() -> WavePlan.wholeBatches(Long.MAX_VALUE, 10))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot make waves of 9223372036854775807 images (at most 9223372036854775797)");
    assertThatThrownBy(() -> WavePlan.of(Long.MAX_VALUE, 1))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot make 9223372036854775807 images in waves of 1 (at most 2147483647 waves). Use"
                + " larger waves.");
  }

  @Test
  void aRunDoesNotShrink() {
    assertThatThrownBy(() -> WavePlan.of(10, 10).extended(9, 10))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot make 9 images of a run of 10 (it may only grow)");
  }

  @Test
  void rejectsSegmentsWithAGap() {
    LongStream.of(9, 11)
        .forEach(
            start ->
                assertThatThrownBy(
                        () ->
                            new WavePlan(
                                List.of(new Segment(0, 0, 10, 10), new Segment(1, start, 20, 10))))
                    .isInstanceOf(UserError.class)
                    .hasMessage(
                        "Cannot plan waves: a segment starts at wave 1 and sample %d (wave 1 and"
                            + " sample 10 come next)",
                        start));
    assertThatThrownBy(() -> WavePlan.of(10, 10).wave(1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
