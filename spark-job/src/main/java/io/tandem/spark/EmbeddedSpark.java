package io.tandem.spark;

import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark session inside this JVM, which ends when this is closed; where there is a session or
 * {@code spark-submit} started the JVM, their session, which stays.
 *
 * <p>A session of our own listens on 127.0.0.1 only, shows no web page, logs no events, keeps its
 * files in a private temporary folder that is removed with it, and never ends the JVM. System
 * properties {@code spark.*} win over all of this. Thread-safe; of two that are open at once, the
 * first one owns the session.
 */
public final class EmbeddedSpark implements AutoCloseable {

  /** Below the priorities of the hooks that stop Spark and close file systems. */
  private static final int AFTER_SPARK = 1;

  /** Spark remembers its scratch folder for the life of the JVM, so that all sessions share one. */
  private static Path folder;

  private final SparkSession session;
  private boolean owned;

  private EmbeddedSpark(SparkSession session, boolean owned) {
    this.session = session;
    this.owned = owned;
  }

  /**
   * Opens a session, which takes some seconds, or joins the one that is there.
   *
   * @param threads tasks that run at once in a session of our own
   * @throws UserError if the JVM was started without the options that Spark needs, or there is no
   *     room for temporary files
   */
  public static EmbeddedSpark open(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "Cannot run Spark with " + threads + " threads (1 or more)");
    }
    synchronized (EmbeddedSpark.class) {
      if (SparkEnv.get() != null || Boolean.getBoolean("SPARK_SUBMIT")) {
        return new EmbeddedSpark(SparkSession.builder().getOrCreate(), false);
      }
      checkModulesAreOpen();
      makeFolder();
      try {
        SparkConf settings = settings(threads);
        return new EmbeddedSpark(SparkSession.builder().config(settings).getOrCreate(), true);
      } catch (RuntimeException | Error e) {
        removeFolder();
        throw e;
      }
    }
  }

  private static SparkConf settings(int threads) {
    return new SparkConf()
        .setIfMissing("spark.master", "local[" + threads + "]")
        .setIfMissing("spark.app.name", "tandem")
        .setIfMissing("spark.driver.host", "127.0.0.1")
        .setIfMissing("spark.driver.bindAddress", "127.0.0.1")
        .setIfMissing("spark.ui.enabled", "false")
        .setIfMissing("spark.ui.showConsoleProgress", "false")
        .setIfMissing("spark.eventLog.enabled", "false")
        .setIfMissing("spark.local.dir", folder.resolve("scratch").toString())
        .setIfMissing("spark.sql.warehouse.dir", folder.resolve("warehouse").toUri().toString())
        .setIfMissing("spark.sql.catalogImplementation", "in-memory")
        .setIfMissing("spark.sql.session.timeZone", "UTC")
        .setIfMissing("spark.hadoop.hadoop.tmp.dir", folder.resolve("hadoop").toString())
        // Spark would end the JVM when a task runs out of memory, or when threads did not run for
        // an hour because the machine slept.
        .setIfMissing("spark.executor.killOnFatalError.depth", "0")
        .setIfMissing("spark.executor.heartbeat.maxFailures", "" + Integer.MAX_VALUE);
  }

  private static void checkModulesAreOpen() {
    Module base = Object.class.getModule();
    if (!base.isOpen("sun.nio.ch", EmbeddedSpark.class.getModule())) {
      throw new UserError(
          "Cannot start Spark: this JVM keeps sun.nio.ch closed (Spark needs the options in"
              + " conf/spark-java.options). Start with spark-job/bin/tandem or spark-submit.");
    }
  }

  private static void makeFolder() {
    try {
      if (folder == null) {
        folder = Files.createTempDirectory("tandem-spark-");
        ShutdownHookManager.get().addShutdownHook(EmbeddedSpark::removeFolder, AFTER_SPARK);
      } else {
        // Somebody else's session may have made it again since it was removed.
        removeFolder();
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
    } catch (IOException e) {
      throw UserError.because(
          e,
          "Cannot start Spark: no temporary folder can be made in '%s' (%s). Choose another with"
              + " -Djava.io.tmpdir.",
          System.getProperty("java.io.tmpdir"),
          e);
    }
  }

  /** Removes what can be removed; what is left holds no results. */
  private static void removeFolder() {
    FileUtil.fullyDelete(folder.toFile());
  }

  /** Returns the session, which the caller must not stop. */
  public SparkSession session() {
    return session;
  }

  /** Stops a session of our own and removes its files; another one stays as it is. */
  @Override
  public void close() {
    synchronized (EmbeddedSpark.class) {
      if (owned) {
        owned = false;
        session.stop();
        SparkSession.clearActiveSession();
        SparkSession.clearDefaultSession();
        removeFolder();
      }
    }
  }
}
