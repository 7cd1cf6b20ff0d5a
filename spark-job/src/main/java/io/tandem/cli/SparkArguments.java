package io.tandem.cli;

import static io.tandem.base.Checks.check;
import static java.util.Map.entry;

import io.tandem.base.UserError;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What follows {@value #SEPARATOR} on the command line: options in the spelling of {@code
 * spark-submit}, which become settings of the session in this JVM.
 *
 * <p>As there, an option wins over {@code --conf}, which wins over {@code --properties-file}, and
 * of two that say the same the later one. What can only be said before a JVM starts, or to a
 * cluster, is refused with the way to say it. Messages name settings, never their values, which may
 * be secret.
 */
final class SparkArguments {

  /** Between the arguments of Tandem and those of Spark. */
  static final String SEPARATOR = "--";

  /** None at all. */
  static final SparkArguments NONE = new SparkArguments(Map.of());

  private static final String CONF = "--conf";
  private static final String PROPERTIES_FILE = "--properties-file";
  private static final String DEPLOY_MODE = "--deploy-mode";
  private static final String PREFIX = "spark.";

  private static final Map<String, String> SETTINGS =
      Map.of(
          "--master", "spark.master",
          "--name", "spark.app.name",
          "--executor-memory", "spark.executor.memory",
          "--executor-cores", "spark.executor.cores",
          "--total-executor-cores", "spark.cores.max",
          "--num-executors", "spark.executor.instances",
          "--files", "spark.files",
          "--archives", "spark.archives");

  private static final String RUNS_ALREADY =
      "its driver is this JVM, which runs already. Start with TANDEM_JAVA_OPTS=%s, or with"
          + " spark-submit.";

  private static final String NO_MORE_CLASSES =
      "its driver is this JVM, whose class path is fixed. Start with TANDEM_CLASSPATH=FIRST.jar:SECOND.jar, or"
          + " with spark-submit.";

  private static final String OF_SPARK_SUBMIT =
      "it is for a cluster or for spark-submit itself (here Spark runs on this machine). Start"
          + " tandem-spark-job-all.jar with spark-submit.";

  /** Options and settings that are refused, and why. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          entry("--driver-memory", RUNS_ALREADY.formatted("-Xmx4g")),
          entry("spark.driver.memory", RUNS_ALREADY.formatted("-Xmx4g")),
          entry("--driver-java-options", RUNS_ALREADY.formatted("'OPTIONS'")),
          entry("spark.driver.extraJavaOptions", RUNS_ALREADY.formatted("'OPTIONS'")),
          entry("spark.driver.defaultJavaOptions", RUNS_ALREADY.formatted("'OPTIONS'")),
          entry("--driver-library-path", RUNS_ALREADY.formatted("-Djava.library.path=PATH")),
          entry(
              "spark.driver.extraLibraryPath", RUNS_ALREADY.formatted("-Djava.library.path=PATH")),
          entry("--driver-class-path", NO_MORE_CLASSES),
          entry("--driver-default-class-path", NO_MORE_CLASSES),
          entry("spark.driver.extraClassPath", NO_MORE_CLASSES),
          entry("spark.driver.defaultExtraClassPath", NO_MORE_CLASSES),
          entry("--jars", NO_MORE_CLASSES),
          entry("spark.jars", NO_MORE_CLASSES),
          entry("--packages", NO_MORE_CLASSES),
          entry("spark.jars.packages", NO_MORE_CLASSES),
          entry("--exclude-packages", NO_MORE_CLASSES),
          entry("--repositories", NO_MORE_CLASSES),
          entry("spark.submit.deployMode", OF_SPARK_SUBMIT),
          entry("--class", OF_SPARK_SUBMIT),
          entry("--driver-cores", OF_SPARK_SUBMIT),
          entry("--help", OF_SPARK_SUBMIT),
          entry("--keytab", OF_SPARK_SUBMIT),
          entry("--kill", OF_SPARK_SUBMIT),
          entry("--load-spark-defaults", OF_SPARK_SUBMIT),
          entry("--principal", OF_SPARK_SUBMIT),
          entry("--proxy-user", OF_SPARK_SUBMIT),
          entry("--py-files", OF_SPARK_SUBMIT),
          entry("--queue", OF_SPARK_SUBMIT),
          entry("--remote", OF_SPARK_SUBMIT),
          entry("--status", OF_SPARK_SUBMIT),
          entry("--supervise", OF_SPARK_SUBMIT),
          entry("--usage-error", OF_SPARK_SUBMIT),
          entry("--verbose", OF_SPARK_SUBMIT),
          entry("--version", OF_SPARK_SUBMIT));

  private static final Map<String, String> SHORT =
      Map.of("-c", CONF, "-h", "--help", "-v", "--verbose");

  private final Map<String, String> settings;

  private SparkArguments(Map<String, String> settings) {
    this.settings = Collections.unmodifiableMap(settings);
  }

  /** Returns the arguments of Tandem: those before the separator, all if there is none. */
  static String[] before(String[] args) {
    int separator = List.of(args).indexOf(SEPARATOR);
    return separator < 0 ? args : Arrays.copyOf(args, separator);
  }

  /**
   * Returns those after the separator, empty if there is none.
   *
   * @throws UserError if one is unknown, incomplete or cannot be used here
   */
  static Optional<SparkArguments> after(String[] args) {
    int separator = List.of(args).indexOf(SEPARATOR);
    return separator < 0
        ? Optional.empty()
        : Optional.of(parse(List.of(args).subList(separator + 1, args.length)));
  }

  /** Returns the settings that {@code texts} make. */
  static SparkArguments parse(List<String> texts) {
    Map<String, String> options = new TreeMap<>();
    Map<String, String> confs = new TreeMap<>();
    Map<String, String> file = new TreeMap<>();
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      int equals = text.startsWith("--") ? text.indexOf('=') : -1;
      String option = known(equals < 0 ? text : text.substring(0, equals));
      check(
          equals >= 0 || i + 1 < texts.size(), "Cannot pass %s to Spark: it has no value", option);
      String value = equals < 0 ? texts.get(++i) : text.substring(equals + 1);
      switch (option) {
        case CONF -> addPair(confs, value);
        case PROPERTIES_FILE -> file = read(value);
        case DEPLOY_MODE ->
            check(
                value.equals("client"),
                "Cannot pass --deploy-mode '%s' to Spark: %s",
                value,
                OF_SPARK_SUBMIT);
        default -> options.put(SETTINGS.get(option), value);
      }
    }
    Map<String, String> settings = new LinkedHashMap<>(file);
    settings.putAll(confs);
    settings.putAll(options);
    return new SparkArguments(settings);
  }

  /** Returns the long name of an option that is known and not refused. */
  private static String known(String written) {
    String option = SHORT.getOrDefault(written, written);
    boolean isLegal =
        SETTINGS.containsKey(option)
            || List.of(CONF, PROPERTIES_FILE, DEPLOY_MODE).contains(option);
    if (!isLegal) {
      TreeSet<String> names = new TreeSet<>(SETTINGS.keySet());
      names.addAll(List.of(CONF, PROPERTIES_FILE, DEPLOY_MODE));
      REFUSED.keySet().stream().filter(name -> name.startsWith("--")).forEach(names::add);
      check(
          option.startsWith("--") && REFUSED.containsKey(option),
          "Cannot pass '%s' to Spark: it is no option of spark-submit (the nearest is '%s')",
          written,
          Spelling.nearest(written, names));
      throw UserError.of("Cannot pass %s to Spark: %s", option, REFUSED.get(option));
    }
    return option;
  }

  private static void addPair(Map<String, String> settings, String pair) {
    int equals = pair.indexOf('=');
    check(equals > 0, "Cannot pass --conf to Spark: its value is not KEY=VALUE");
    add(settings, pair.substring(0, equals), pair.substring(equals + 1));
  }

  private static void add(Map<String, String> settings, String key, String value) {
    check(
        key.startsWith(PREFIX),
        "Cannot pass the setting '%s' to Spark: its settings begin with '%s'",
        key,
        PREFIX);
    boolean isLegal =
        !REFUSED.containsKey(key)
            || (key.equals("spark.submit.deployMode") && value.equals("client"));
    check(isLegal, "Cannot pass the setting %s to Spark: %s", key, REFUSED.get(key));
    if (!key.equals("spark.submit.deployMode")) {
      settings.put(key, value);
    }
  }

  /** Reads a file as spark-submit does: properties in UTF-8, without blanks around the values. */
  private static Map<String, String> read(String file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of(file))) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw UserError.because(e, "Cannot read --properties-file '%s': %s", file, e);
    }
    Map<String, String> settings = new TreeMap<>();
    for (String key : new TreeSet<>(properties.stringPropertyNames())) {
      add(settings, key, properties.getProperty(key).strip());
    }
    return settings;
  }

  /** Returns the settings by their names, secrets included. */
  Map<String, String> settings() {
    return settings;
  }
}
