package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.job.WaveLoop.Outcome;
import io.tandem.job.WaveLoop.WaveMaker;
import io.tandem.wave.Wave;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WaveLoopTest {

  private final List<Integer> made = new CopyOnWriteArrayList<>();
  private final CountDownLatch cancelled = new CountDownLatch(1);

  @Test
  void makesAllWaves() {
    Outcome outcome = loop((wave, queued) -> made.add(wave.number())).run(waves(7).iterator());

    assertThat(outcome).isEqualTo(Outcome.DONE);
    assertThat(made).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
  }

  @Test
  void makesNoWaves() {
    assertThat(loop((wave, queued) -> {}).run(waves(0).iterator())).isEqualTo(Outcome.DONE);
  }

  @Test
  void makesTwoWavesAtOnceAndNeverMore() {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch both = new CountDownLatch(2);

    loop((wave, queued) -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          queued.run();
          both.countDown();
          await(both);
          now.decrementAndGet();
        })
        .run(waves(6).iterator());

    assertThat(most).hasValue(2);
  }

  @Test
  void queuesAWaveBehindTheOneBefore() {
    AtomicBoolean isFirstQueued = new AtomicBoolean();
    List<Boolean> seen = new CopyOnWriteArrayList<>();

    loop((wave, queued) -> {
          seen.add(wave.number() == 0 || isFirstQueued.get());
          if (wave.number() == 0) {
            pause();
            isFirstQueued.set(true);
          }
          queued.run();
        })
        .run(waves(2).iterator());

    assertThat(seen).containsExactly(true, true);
  }

  @Test
  void aFailureCancelsTheOtherWaveAndWaitsForIt() {
    AtomicBoolean isOtherOver = new AtomicBoolean();
    WaveLoop loop =
        loop(
            (wave, queued) -> {
              queued.run();
              if (wave.number() == 1) {
                throw new IllegalStateException("broken");
              }
              await(cancelled);
              pause();
              isOtherOver.set(true);
              throw new IllegalStateException("cancelled");
            });

    assertThatThrownBy(() -> loop.run(waves(5).iterator()))
        .hasMessage("broken")
        .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("cancelled"));
    assertThat(isOtherOver).isTrue();
  }

  @Test
  void beginsNoWaveAfterAFailure() {
    WaveLoop loop =
        loop(
            (wave, queued) -> {
              made.add(wave.number());
              throw new IllegalStateException("broken");
            });

    assertThatThrownBy(() -> loop.run(waves(100).iterator())).hasMessage("broken");
    assertThat(made.size()).isLessThanOrEqualTo(2);
  }

  @Test
  void theWishToStopCancelsWhatIsUnderWay() {
    AtomicBoolean isStopWished = new AtomicBoolean();
    WaveLoop loop =
        new WaveLoop(
            (wave, queued) -> {
              if (wave.number() == 2) {
                isStopWished.set(true);
                await(cancelled);
                throw new IllegalStateException("cancelled");
              }
              made.add(wave.number());
            },
            cancelled::countDown,
            isStopWished::get);

    assertThat(loop.run(waves(50).iterator())).isEqualTo(Outcome.STOPPED);
    assertThat(made).contains(0, 1).hasSizeLessThan(50);
  }

  private WaveLoop loop(WaveMaker maker) {
    return new WaveLoop(maker, cancelled::countDown, () -> false);
  }

  private static List<Wave> waves(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Wave(i, 10L * i, 10L * i + 10)).toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
