package io.tandem.job;

import io.tandem.wave.Wave;
import java.util.Iterator;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Makes waves one after another, two at a time: the second one uses only what the first one leaves
 * idle, so that the end of a wave costs nothing.
 *
 * <p>The first failure, or the wish to stop, ends all: waves under way are cancelled and waited
 * for, so that nothing works on when {@link #run} returns.
 */
final class WaveLoop {

  /** How often the wish to stop is looked at. */
  private static final long LOOK_MILLIS = 100;

  private static final int IN_FLIGHT = 2;

  /** Makes and commits one wave. */
  @FunctionalInterface
  interface WaveMaker {

    /**
     * Returns when {@code wave} is committed; called by several threads.
     *
     * @param queued to be run as soon as the wave's work is in the queue of the cluster: the next
     *     wave queues behind it
     */
    void make(Wave wave, Runnable queued);
  }

  private final WaveMaker maker;
  private final Runnable cancel;
  private final BooleanSupplier isStopWished;

  /**
   * Makes a loop.
   *
   * @param cancel ends the work on all waves under way, which then fail
   * @param isStopWished looked at ten times a second; if it throws, that is a failure of all waves
   */
  WaveLoop(WaveMaker maker, Runnable cancel, BooleanSupplier isStopWished) {
    this.maker = maker;
    this.cancel = cancel;
    this.isStopWished = isStopWished;
  }

  /** How a loop ended. */
  enum Outcome {
    /** All waves are committed. */
    DONE,
    /** It was asked to stop; some waves are committed. */
    STOPPED
  }

  /**
   * Makes {@code waves}.
   *
   * @throws RuntimeException the first failure of a wave, later ones being suppressed by it
   */
  Outcome run(Iterator<Wave> waves) {
    ExecutorService threads = Executors.newFixedThreadPool(IN_FLIGHT, WaveLoop::thread);
    try {
      return new Run(waves, new ExecutorCompletionService<>(threads)).toEnd();
    } finally {
      threads.shutdown();
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "tandem-wave");
    thread.setDaemon(true);
    return thread;
  }

  /** One run of the loop. */
  private final class Run {

    private final Iterator<Wave> waves;
    private final CompletionService<Void> threads;
    private int underWay;
    private Throwable failure;
    private boolean isStopped;

    private Run(Iterator<Wave> waves, CompletionService<Void> threads) {
      this.waves = waves;
      this.threads = threads;
    }

    private Outcome toEnd() {
      while (underWay > 0 || goesOn()) {
        if (goesOn() && underWay < IN_FLIGHT) {
          begin(waves.next());
        } else {
          look();
        }
      }
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure instanceof RuntimeException exception) {
        throw exception;
      }
      if (failure != null) {
        throw new IllegalStateException(String.valueOf(failure.getMessage()), failure);
      }
      return isStopped ? Outcome.STOPPED : Outcome.DONE;
    }

    private boolean goesOn() {
      return failure == null && !isStopped && waves.hasNext();
    }

    /** Starts {@code wave} and returns when its work is queued, or it is over already. */
    private void begin(Wave wave) {
      CountDownLatch queued = new CountDownLatch(1);
      threads.submit(
          () -> {
            try {
              maker.make(wave, queued::countDown);
            } finally {
              queued.countDown();
            }
            return null;
          });
      underWay++;
      await(queued);
    }

    private void await(CountDownLatch queued) {
      try {
        while (!queued.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          checkStop();
        }
      } catch (InterruptedException e) {
        interrupted();
      }
    }

    /** Waits a moment for the end of a wave. */
    private void look() {
      try {
        Future<Void> ended = threads.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (ended == null) {
          checkStop();
        } else {
          underWay--;
          ended.get();
        }
      } catch (ExecutionException e) {
        failed(e.getCause());
      } catch (InterruptedException e) {
        interrupted();
      }
    }

    private void failed(Throwable cause) {
      if (isStopped) {
        return; // of the cancelling
      }
      if (failure == null) {
        failure = cause;
        cancel.run();
      } else if (failure != cause) {
        failure.addSuppressed(cause);
      }
    }

    private void checkStop() {
      if (isStopped || failure != null) {
        return;
      }
      try {
        if (isStopWished.getAsBoolean()) {
          stop();
        }
      } catch (RuntimeException e) {
        failed(e);
      }
    }

    /** An interrupt is a wish to stop as well; waves under way are waited for all the same. */
    private void interrupted() {
      if (!isStopped && failure == null) {
        stop();
      }
    }

    private void stop() {
      isStopped = true;
      cancel.run();
    }
  }
}
