package io.tandem.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.metrics.LatencyRecorder.Timer;
import io.tandem.testing.Serialization;
import org.junit.jupiter.api.Test;

class LatencyRecorderTest {

  private static final ScaleStep FIRST = new ScaleStep(0, 1, "big", 0);
  private static final ScaleStep SECOND = new ScaleStep(1, 2, "small", 1);

  private long nowNanos = 1_000;
  private int drains;

  @Test
  void addsUpTheStagesOfABatch() {
    LatencyRecorder recorder = recorder(LatencyMode.SYNC);

    recorder.beginScale(FIRST);
    spend(recorder, Stage.DECODE, 10);
    spend(recorder, Stage.SAMPLE, 1);
    recorder.cacheBytes(500);
    recorder.cacheBytes(300);
    nowNanos += 7;
    recorder.beginScale(SECOND);
    spend(recorder, Stage.PREFILL, 20);
    spend(recorder, Stage.DECODE, 30);
    spend(recorder, Stage.SAMPLE, 2);
    recorder.cacheBytes(400);
    spend(recorder, Stage.VAE, 100);
    spend(recorder, Stage.VAE, 50);
    spend(recorder, Stage.ENCODE, 5);
    nowNanos += 1_000_000;
    LatencyReport report = recorder.snapshot();

    assertThat(report.mode()).isEqualTo(LatencyMode.SYNC);
    assertThat(report.scales())
        .containsExactly(
            new ScaleLatency(FIRST, 0, 10, 1, 500), new ScaleLatency(SECOND, 20, 30, 2, 400));
    assertThat(report.vaeNanos()).isEqualTo(150);
    assertThat(report.encodeNanos()).isEqualTo(5);
    assertThat(report.prefillNanos()).isEqualTo(20);
    assertThat(report.decodeNanos()).isEqualTo(40);
    assertThat(report.decodeNanos("big")).isEqualTo(10);
    assertThat(report.decodeNanos("small")).isEqualTo(30);
    assertThat(report.sampleNanos()).isEqualTo(3);
    // the time after the last stage is not the batch's
    assertThat(report.totalNanos()).isEqualTo(10 + 1 + 7 + 20 + 30 + 2 + 150 + 5);
    assertThat(report.otherNanos()).isEqualTo(7);
    assertThat(report.peakCacheBytes()).isEqualTo(500);
    assertThat(report.scales().get(1).nanos()).isEqualTo(52);
    assertThat(SECOND.tokens()).isEqualTo(4);
  }

  @Test
  void goesOnWhereAnotherEnded() {
    LatencyRecorder first = recorder(LatencyMode.SYNC);
    first.beginScale(FIRST);
    spend(first, Stage.DECODE, 10);
    LatencyReport shared = first.snapshot();
    nowNanos += 1_000_000;

    LatencyRecorder second = first.after(shared);
    second.beginScale(SECOND);
    second.add(Stage.PREFILL, 40);
    spend(second, Stage.PREFILL, 2);
    spend(second, Stage.VAE, 5);
    LatencyReport report = second.snapshot();

    assertThat(report.scales())
        .containsExactly(
            new ScaleLatency(FIRST, 0, 10, 0, 0), new ScaleLatency(SECOND, 42, 0, 0, 0));
    assertThat(report.totalNanos()).isEqualTo(10 + 40 + 2 + 5);
    assertThat(first.snapshot()).isEqualTo(shared);
    assertThatThrownBy(() -> recorder(LatencyMode.OFF).after(shared))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Times of mode SYNC cannot go on in mode OFF");
  }

  @Test
  void timesWorkAndPassesItsResultOn() {
    LatencyRecorder recorder = recorder(LatencyMode.LAUNCH);
    recorder.beginScale(FIRST);

    String result =
        recorder.time(
            Stage.DECODE,
            () -> {
              nowNanos += 11;
              return "logits";
            });

    assertThat(result).isEqualTo("logits");
    assertThat(recorder.snapshot().decodeNanos()).isEqualTo(11);
  }

  @Test
  void stopsTheTimerOfWorkThatFails() {
    LatencyRecorder recorder = recorder(LatencyMode.SYNC);

    assertThatThrownBy(
            () ->
                recorder.time(
                    Stage.VAE,
                    () -> {
                      throw new IllegalStateException("no memory");
                    }))
        .hasMessage("no memory");
    assertThat(recorder.snapshot().vaeNanos()).isZero();
  }

  @Test
  void drainsTheDeviceBeforeEachReadingInSyncModeOnly() {
    spend(recorder(LatencyMode.SYNC), Stage.VAE, 1);
    assertThat(drains).isEqualTo(3);

    drains = 0;
    spend(recorder(LatencyMode.LAUNCH), Stage.VAE, 1);
    assertThat(drains).isZero();
  }

  @Test
  void timesNothingWhenOff() {
    LatencyRecorder recorder =
        new LatencyRecorder(
            LatencyMode.OFF,
            () -> drains++,
            () -> {
              throw new AssertionError("the clock was read");
            });
    recorder.beginScale(SECOND);
    recorder.start(Stage.DECODE).stop();
    recorder.cacheBytes(400);

    assertThat(recorder.snapshot().scales())
        .containsExactly(new ScaleLatency(SECOND, 0, 0, 0, 400));
    assertThat(recorder.snapshot().totalNanos()).isZero();
    assertThat(drains).isZero();
  }

  @Test
  void readsTheClockOfTheMachine() {
    LatencyRecorder recorder = new LatencyRecorder(LatencyMode.SYNC, () -> {});
    recorder.beginScale(FIRST);
    recorder.start(Stage.DECODE).stop();

    LatencyReport report = recorder.snapshot();

    assertThat(report.totalNanos()).isBetween(report.decodeNanos(), 60_000_000_000L);
    assertThat(report.otherNanos()).isNotNegative();
  }

  @Test
  void rejectsATimerStoppedTwice() {
    Timer timer = recorder(LatencyMode.SYNC).start(Stage.VAE);
    timer.stop();

    assertThatThrownBy(timer::stop)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The timer of VAE was stopped twice");
  }

  @Test
  void rejectsATimerStoppedTwiceWhileTheNextRuns() {
    LatencyRecorder recorder = recorder(LatencyMode.OFF);
    Timer timer = recorder.start(Stage.VAE);
    timer.stop();
    recorder.start(Stage.ENCODE);

    assertThatThrownBy(timer::stop)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The timer of VAE was stopped twice");
  }

  @Test
  void rejectsStagesInsideOneAnother() {
    LatencyRecorder recorder = recorder(LatencyMode.SYNC);
    recorder.start(Stage.VAE);

    assertThatThrownBy(() -> recorder.start(Stage.ENCODE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot begin a timer of ENCODE while the timer of VAE runs");
    assertThatThrownBy(() -> recorder.beginScale(FIRST))
        .hasMessage("Cannot begin scale 0 while the timer of VAE runs");
    assertThatThrownBy(recorder::snapshot)
        .hasMessage("Cannot begin a snapshot while the timer of VAE runs");
  }

  @Test
  void rejectsStagesOfNoScaleAndScalesOutOfOrder() {
    LatencyRecorder recorder = recorder(LatencyMode.SYNC);

    assertThatThrownBy(() -> recorder.start(Stage.DECODE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("No scale has begun");
    recorder.beginScale(SECOND);
    assertThatThrownBy(() -> recorder.beginScale(FIRST))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Scale 0 began after scale 1");
  }

  @Test
  void keepsSnapshotsFromChanging() {
    LatencyRecorder recorder = recorder(LatencyMode.SYNC);
    recorder.beginScale(FIRST);
    LatencyReport before = recorder.snapshot();

    spend(recorder, Stage.DECODE, 10);
    recorder.beginScale(SECOND);

    assertThat(before.scales()).containsExactly(new ScaleLatency(FIRST, 0, 0, 0, 0));
    assertThat(before.totalNanos()).isZero();
    assertThat(Serialization.roundTrip(before)).isEqualTo(before);
  }

  private LatencyRecorder recorder(LatencyMode mode) {
    return new LatencyRecorder(mode, () -> drains++, () -> nowNanos);
  }

  private void spend(LatencyRecorder recorder, Stage stage, long nanos) {
    Timer timer = recorder.start(stage);
    nowNanos += nanos;
    timer.stop();
  }
}
