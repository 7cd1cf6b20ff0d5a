package io.tandem.executor;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * What the generation tasks of a JVM are doing together. Works whether {@link TandemPlugin} is
 * installed or not. Thread-safe.
 */
final class DecodeActivity {

  private static final DecodeActivity OF_THIS_JVM = new DecodeActivity();

  private final DecodeMetrics metrics = new DecodeMetrics();
  private final AtomicInteger tasks = new AtomicInteger();
  private final AtomicLong outOfMemory = new AtomicLong();

  /** Without a plugin only a driver in the same JVM hears of batches. */
  private final AtomicReference<Consumer<BatchReport>> driver =
      new AtomicReference<>(GenerateProgress.ofThisJvm()::add);

  static DecodeActivity ofThisJvm() {
    return OF_THIS_JVM;
  }

  DecodeMetrics metrics() {
    return metrics;
  }

  /** Sends reports of batches to {@code listener} from now on. */
  void tell(Consumer<BatchReport> listener) {
    driver.set(listener);
  }

  void begin() {
    tasks.incrementAndGet();
  }

  void end() {
    tasks.decrementAndGet();
  }

  /** Returns how many generation tasks run. */
  int tasks() {
    return tasks.get();
  }

  void ranOutOfMemory() {
    outOfMemory.incrementAndGet();
  }

  long outOfMemory() {
    return outOfMemory.get();
  }

  void done(BatchReport report) {
    metrics.add(report);
    driver.get().accept(report);
  }
}
