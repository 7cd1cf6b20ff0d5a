package io.tandem.executor;

import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the JVM of an executor whose GPU serves it no more, so that Spark starts a fresh one. */
@FunctionalInterface
interface ExecutorEnd {

  /** What the JVM ends with; the same as NVIDIA's plugin, so that operators know it. */
  int EXIT_CODE = 20;

  /** Time for the task to tell why it failed, and for the log. */
  long GRACE_SECONDS = 3;

  /** Begins the end and returns. */
  void begin(String reason);

  /** Ends nothing: the driver, or whoever tests, is in the same JVM. */
  ExecutorEnd NEVER =
      reason ->
          LoggerFactory.getLogger(ExecutorEnd.class)
              .error("The GPU serves this process no more: {}. Start again.", reason);

  /** Returns the end of this JVM: none where it is the driver's too. */
  static ExecutorEnd ofThisJvm() {
    SparkEnv env = SparkEnv.get();
    boolean ofDriver = env == null || env.executorId().equals("driver");
    return ofDriver ? NEVER : ExecutorEnd::haltSoon;
  }

  /** Not exit: hooks that touch the GPU would hang. */
  private static void haltSoon(String reason) {
    Logger log = LoggerFactory.getLogger(ExecutorEnd.class);
    log.error("The GPU serves this process no more: {}. Ending with {}.", reason, EXIT_CODE);
    Thread halting =
        new Thread(
            () -> {
              try {
                TimeUnit.SECONDS.sleep(GRACE_SECONDS);
              } catch (InterruptedException e) {
                log.warn("Ending at once");
              }
              Runtime.getRuntime().halt(EXIT_CODE);
            },
            "tandem-end");
    halting.setDaemon(true);
    halting.start();
  }
}
