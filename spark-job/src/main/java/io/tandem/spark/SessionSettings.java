package io.tandem.spark;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;

/**
 * What a session of Spark is opened with: the user's settings, else system properties {@code
 * spark.*}, else what a command or {@link EmbeddedSpark} would like. Where {@code spark-submit} or
 * somebody else opened the session, or will, its settings hold, and the user gives none here.
 *
 * <p>Checked when it is made, before anything is started or written. Immutable.
 */
public final class SessionSettings {

  private static final String MASTER = "spark.master";

  private static final String DEPLOY_MODE = "spark.submit.deployMode";

  private static final Pattern LOCAL =
      Pattern.compile("local|local\\[(\\*|[1-9]\\d*)(\\s*,\\s*[1-9]\\d*)?]");

  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*[1-9]\\d*\\s*,\\s*[1-9]\\d*\\s*,\\s*[1-9]\\d*\\s*]");

  private static final List<String> GPU_KEYS =
      List.of("spark.executor.resource.gpu.", "spark.task.resource.gpu.");

  private final Start start;
  private final Map<String, String> values;

  /** Whose the session is. */
  private enum Start {
    EMBEDDED,
    SUBMITTED,
    JOINED
  }

  private SessionSettings(Start start, Map<String, String> values) {
    this.start = start;
    this.values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /**
   * Returns the settings of a session in this JVM.
   *
   * @param slots tasks that run at once where no master is named
   * @param given the user's, by their names; they win over system properties
   * @throws UserError if a master is malformed or not on this machine, GPUs are asked for where
   *     Spark gives none, or settings are given although the session is somebody else's
   */
  public static SessionSettings of(int slots, Map<String, String> given) {
    if (slots < 1) {
      throw new IllegalArgumentException("Cannot run Spark with " + slots + " threads (1 or more)");
    }
    Map<String, String> values = new LinkedHashMap<>();
    SparkEnv there = SparkEnv.get();
    SparkConf known = there == null ? new SparkConf() : there.conf();
    for (var each : known.getAll()) {
      values.put(each._1(), each._2());
    }
    Start start = start(there, values);
    check(
        given.isEmpty() || start == Start.EMBEDDED,
        "Cannot use settings of Spark after '--' (%s): %s. Give them to it instead.",
        String.join(", ", new TreeMap<>(given).keySet()),
        start == Start.SUBMITTED ? "spark-submit started this" : "the session is there already");
    values.putAll(given);
    if (start == Start.EMBEDDED) {
      values.putIfAbsent(MASTER, "local[" + slots + "]");
      checkMaster(values.get(MASTER));
      checkSize("spark.executor.memory", values);
    }
    checkGpus(values);
    return new SessionSettings(start, values);
  }

  private static Start start(SparkEnv there, Map<String, String> values) {
    if (there != null) {
      return Start.JOINED;
    }
    return Boolean.getBoolean("SPARK_SUBMIT") || values.containsKey(DEPLOY_MODE)
        ? Start.SUBMITTED
        : Start.EMBEDDED;
  }

  private static void checkMaster(String master) {
    check(
        !master.startsWith("local") || isLocal(master) || isLocalCluster(master),
        "Cannot use master '%s' (local[N], local[*] or local-cluster[EXECUTORS,CORES,MEGABYTES])",
        master);
    check(
        master.startsWith("local"),
        "Cannot use master '%s' from here: this JVM runs Spark on its own machine (local[N] or"
            + " local-cluster[EXECUTORS,CORES,MEGABYTES]). Start tandem-spark-job-all.jar with"
            + " spark-submit.",
        master);
    check(
        !isLocalCluster(master)
            || (Files.isDirectory(Path.of(environment("SPARK_HOME"), "jars"))
                && !environment("SPARK_SCALA_VERSION").isEmpty()),
        "Cannot use master '%s': its executors need the environment variables SPARK_HOME, a folder"
            + " with a folder jars, and SPARK_SCALA_VERSION (found '%s' and '%s'). Start with"
            + " spark-job/bin/tandem or spark-submit.",
        master,
        environment("SPARK_HOME"),
        environment("SPARK_SCALA_VERSION"));
  }

  private static String environment(String name) {
    return System.getenv().getOrDefault(name, "");
  }

  private static void checkSize(String key, Map<String, String> values) {
    String size = values.getOrDefault(key, "1g");
    check(
        size.matches("(?i)\\s*[1-9]\\d*([kmgtp]b?|b)?\\s*"),
        "Cannot use %s '%s': it is no size (such as 2g or 1500m)",
        key,
        size);
  }

  private static void checkGpus(Map<String, String> values) {
    String master = values.getOrDefault(MASTER, "");
    if (!isLocal(master)) {
      return;
    }
    for (String key : values.keySet()) {
      check(
          GPU_KEYS.stream().noneMatch(key::startsWith),
          "Cannot use %s with master '%s': Spark gives no GPUs to tasks in the driver's JVM"
              + " (executors of a cluster get them). Pass --device cuda:0, or the master of a"
              + " cluster to spark-submit.",
          key,
          master);
    }
  }

  private static boolean isLocal(String master) {
    return LOCAL.matcher(master).matches();
  }

  private static boolean isLocalCluster(String master) {
    return LOCAL_CLUSTER.matcher(master).matches();
  }

  /** Returns these settings with a default: {@code value} unless {@code key} is set. */
  public SessionSettings orElse(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(values);
    more.putIfAbsent(key, value);
    return new SessionSettings(start, more);
  }

  /** Returns these settings with {@code element} in the list {@code key}, once. */
  public SessionSettings plus(String key, String element) {
    Map<String, String> more = new LinkedHashMap<>(values);
    more.merge(
        key,
        element,
        (list, added) ->
            List.of(list.split("\\s*,\\s*")).contains(added) ? list : list + "," + added);
    return new SessionSettings(start, more);
  }

  /**
   * Returns all settings, secrets included, as far as they are known before the session is open.
   */
  public Map<String, String> values() {
    return values;
  }

  /** Returns the master, empty if another program's session has yet to name it. */
  public String master() {
    return values.getOrDefault(MASTER, "");
  }

  /** Returns what hides the secrets among these settings. */
  public Redaction redaction() {
    return Redaction.of(values);
  }

  /** Returns whether this JVM opens and closes the session, without spark-submit. */
  boolean isEmbedded() {
    return start == Start.EMBEDDED;
  }

  /** Returns the settings of an embedded session whose files are in {@code folder}. */
  SparkConf embedded(Path folder) {
    SparkConf settings = submitted();
    settings
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
        .setIfMissing("spark.hadoop.hadoop.tmp.dir", folder.resolve("hadoop").toString());
    if (isLocalCluster(master())) {
      String logging = System.getProperty("log4j2.configurationFile");
      settings
          .setIfMissing("spark.executor.extraClassPath", absoluteClassPath())
          .setIfMissing(
              "spark.executor.extraJavaOptions",
              logging == null ? "" : "\"-Dlog4j2.configurationFile=" + logging + "\"");
    } else {
      // Spark would end the JVM when a task runs out of memory, or when threads did not run for
      // an hour because the machine slept.
      settings
          .setIfMissing("spark.executor.killOnFatalError.depth", "0")
          .setIfMissing("spark.executor.heartbeat.maxFailures", "" + Integer.MAX_VALUE);
    }
    return settings;
  }

  /** Returns the settings of a session that {@code spark-submit} asked for. */
  SparkConf submitted() {
    SparkConf settings = new SparkConf();
    values.forEach(settings::set);
    return settings;
  }

  /** Executors do not run in this folder. */
  private static String absoluteClassPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.isEmpty())
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
