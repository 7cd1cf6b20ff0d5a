package io.tandem.kernel;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Keeps the JVM from ending in the middle of a kernel.
 *
 * <p>When the JVM is told to end, by a signal for instance, it does not wait for threads in native
 * code: the objects that libtorch and oneDNN keep for the whole process are destroyed under
 * whatever still computes, which then crashes. So a shutdown hook waits for the kernels that run,
 * and those that come later wait for the end. Thread-safe.
 */
final class KernelGate {

  /** More than a kernel takes; a JVM that waits no longer may still crash instead of ending. */
  private static final long LONGEST_WAIT_SECONDS = 60;

  /** Kernels share it; the end takes it for itself and keeps it. */
  private static final ReentrantReadWriteLock LOCK = new ReentrantReadWriteLock();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(KernelGate::shut, "kernels at their end"));
  }

  /** What is left to do at the end. */
  private static final List<Runnable> LAST = new CopyOnWriteArrayList<>();

  private KernelGate() {}

  /** Adds work for the end of the JVM: it runs once no kernel runs and none can begin. */
  static void atEnd(Runnable work) {
    LAST.add(work);
  }

  /** Begins a kernel; does not return once the JVM ends. */
  static void enter() {
    LOCK.readLock().lock();
  }

  /** Ends a kernel that began in the same thread. */
  static void leave() {
    LOCK.readLock().unlock();
  }

  private static void shut() {
    try {
      // After so long the JVM ends anyway, with whatever is in use left alone.
      if (LOCK.writeLock().tryLock(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
        LAST.forEach(Runnable::run);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
