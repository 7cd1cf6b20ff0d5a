package io.tandem.executor;

import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of this JVM that decode, one for each task that runs. They pass from task to task:
 * libtorch prepares kernels for each thread, which makes its first batch take up to three times as
 * long as the next one. There must be no more of them than tasks, since each keeps those of its
 * kernels, and as soon as a JVM has more of these than cores they sleep between two kernels.
 *
 * <p>Thread-safe.
 */
final class DecodeThreads {

  /** Longer than it takes from the end of a task to the next one. */
  private static final int IDLE_SECONDS = 20;

  private static final AtomicInteger COUNT = new AtomicInteger();

  /** The one that was used last is the first. */
  private static final Deque<ExecutorService> FREE = new ConcurrentLinkedDeque<>();

  private DecodeThreads() {}

  /** Returns a single thread, which the caller gives back when it has nothing more to do. */
  static ExecutorService take() {
    return Optional.ofNullable(FREE.pollFirst()).orElseGet(DecodeThreads::made);
  }

  static void giveBack(ExecutorService thread) {
    FREE.addFirst(thread);
  }

  private static ExecutorService made() {
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread named = new Thread(work, "tandem-decode-" + COUNT.incrementAndGet());
              named.setDaemon(true);
              return named;
            });
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }
}
