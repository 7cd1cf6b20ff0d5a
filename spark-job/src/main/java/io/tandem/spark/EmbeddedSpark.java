package io.tandem.spark;

import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
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
 * files in a private temporary folder that is removed with it, and never ends the JVM. {@link
 * SessionSettings} win over all of this. Thread-safe; of two that are open at once, the first one
 * owns the session.
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
    return open(SessionSettings.of(threads, Map.of()));
  }

  /**
   * Opens a session, which takes some seconds, or joins the one that is there, which keeps its own
   * settings.
   *
   * @throws UserError as {@link #open(int)} does, and if Spark refuses a setting
   */
  public static EmbeddedSpark open(SessionSettings settings) {
    synchronized (EmbeddedSpark.class) {
      if (SparkEnv.get() != null) {
        return new EmbeddedSpark(SparkSession.builder().getOrCreate(), false);
      }
      if (!settings.isEmbedded()) {
        return new EmbeddedSpark(started(settings.submitted()), false);
      }
      checkModulesAreOpen();
      makeFolder();
      try {
        return new EmbeddedSpark(started(settings.embedded(folder)), true);
      } catch (RuntimeException | Error e) {
        removeFolder();
        throw e;
      }
    }
  }

  private static SparkSession started(SparkConf settings) {
    try {
      return SparkSession.builder().config(settings).getOrCreate();
    } catch (IllegalArgumentException e) {
      throw UserError.because(
          e, "Cannot start Spark: %s. Change the setting that it names.", e.getMessage());
    }
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
