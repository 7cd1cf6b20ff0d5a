package io.tandem.table;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * Spark's own rule for what must not be shown: settings whose key or value {@code
 * spark.redaction.regex} finds something in (Spark, {@code Utils.redact}).
 *
 * @param pattern what is looked for in keys and values
 */
public record Redaction(Pattern pattern) {

  private static final String REGEX = "spark.redaction.regex";

  /** The default of Spark 3.5 and 4. */
  private static final String DEFAULT = "(?i)secret|password|token|access[.]?key";

  private static final String REDACTED = "*********(redacted)";

  /** Returns the rule of a session. */
  public static Redaction of(SparkSession session) {
    return new Redaction(Pattern.compile(session.sparkContext().getConf().get(REGEX, DEFAULT)));
  }

  /** Returns {@code settings} in the order of their keys, what must not be shown replaced. */
  public Map<String, String> redacted(Map<String, String> settings) {
    Map<String, String> shown = new TreeMap<>();
    settings.forEach((key, value) -> shown.put(key, hides(key, value) ? REDACTED : value));
    return shown;
  }

  private boolean hides(String key, String value) {
    return pattern.matcher(key).find() || pattern.matcher(value).find();
  }

  /** Returns the settings that a session was started with, what must not be shown replaced. */
  static Map<String, String> settings(SparkSession session) {
    SparkConf conf = session.sparkContext().getConf();
    Map<String, String> settings = new TreeMap<>();
    for (var setting : conf.getAll()) {
      settings.put(setting._1(), setting._2());
    }
    return of(session).redacted(settings);
  }
}
