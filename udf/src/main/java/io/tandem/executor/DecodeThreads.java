package io.tandem.executor;

import io.tandem.kernel.LibTorch;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of this JVM that decode. They pass from task to task: libtorch prepares kernels for
 * each thread, which makes its first batch take up to three times as long as the next one.
 *
 * <p>Thread-safe.
 */
final class DecodeThreads {

  /** Longer than it takes from the end of a task to the next one. */
  private static final int IDLE_SECONDS = 20;

  private static final AtomicInteger COUNT = new AtomicInteger();

  /** Work goes to the thread that waits since last; so those that are not needed end. */
  private static final ExecutorService ALL =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          DecodeThreads::named);

  private DecodeThreads() {}

  private static Thread named(Runnable work) {
    Thread thread = new Thread(work, "tandem-decode-" + COUNT.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Does {@code work} in a thread of its own.
   *
   * @param kernelThreads threads of its kernels
   */
  static <T> Future<T> submit(int kernelThreads, Callable<T> work) {
    return ALL.submit(
        () -> {
          LibTorch.useThreads(kernelThreads); // is kept by thread
          return work.call();
        });
  }
}
