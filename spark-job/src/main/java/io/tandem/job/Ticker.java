package io.tandem.job;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Does something once a second while something else goes on. */
final class Ticker {

  private static final long PERIOD_MILLIS = 1000;

  private Ticker() {}

  /** Returns the result of {@code work}; {@code tick} runs once a second, and after its end. */
  static <T> T during(Runnable tick, Supplier<T> work) {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(Ticker::thread);
    try {
      var unused =
          clock.scheduleAtFixedRate(tick, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
      return work.get();
    } finally {
      clock.shutdown();
      stopped(clock, tick);
    }
  }

  private static void stopped(ScheduledExecutorService clock, Runnable tick) {
    try {
      if (clock.awaitTermination(PERIOD_MILLIS, TimeUnit.MILLISECONDS)) {
        tick.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "tandem-progress");
    thread.setDaemon(true);
    return thread;
  }
}
