package io.tandem.spark;

import io.tandem.base.UserError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Hides secrets in settings and texts before they are printed or stored.
 *
 * <p>Settings follow Spark's own rule: a value is hidden where {@code spark.redaction.regex}, the
 * user's or the usual one, is found in its name or in itself. Texts lose the values of the settings
 * that are hidden by name, the passwords and signatures of URIs, and what is given to a dotted name
 * that the rule hides ({@code spark.x.password=...}). Immutable.
 */
public final class Redaction {

  /** What stands where a secret was, as Spark writes it. */
  public static final String REPLACEMENT = "*********(redacted)";

  /** The setting that holds the rule. */
  static final String RULE = "spark.redaction.regex";

  /** Spark's default since 3.5. */
  static final String USUAL_RULE = "(?i)secret|password|token|access[.]?key";

  /** Shorter values are hidden as values, but are too common to be looked for in texts. */
  private static final int SHORTEST_SECRET = 6;

  /**
   * User and password before a host. Digits and a slash after the colon are a port and a path; a
   * user without a password is none of the secrets, such as a container of {@code abfss://}.
   */
  private static final Pattern PASSWORD =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*://)[^/\\s@:'\"]*:(?!\\d+/)[^\\s@'\"]*@");

  private static final Pattern PARAMETER = Pattern.compile("([?&;])([^=&;\\s]+)=([^&;\\s'\"]+)");

  private static final Pattern SIGNATURE = Pattern.compile("(?i)^sig$|signature|credential");

  private static final Pattern ASSIGNMENT =
      Pattern.compile("((?:[\\w-]+\\.)+[\\w-]+)=([^\\s'\"]+)");

  private final Pattern rule;
  private final List<String> secrets;

  private Redaction(Pattern rule, List<String> secrets) {
    this.rule = rule;
    this.secrets = secrets;
  }

  /**
   * Returns the redaction for a session with {@code settings}.
   *
   * @throws UserError if their rule is no regular expression
   */
  public static Redaction of(Map<String, String> settings) {
    Pattern rule;
    try {
      rule = Pattern.compile(settings.getOrDefault(RULE, USUAL_RULE));
    } catch (PatternSyntaxException e) {
      throw UserError.because(
          e, "Cannot use %s: it is no regular expression (%s)", RULE, e.getDescription());
    }
    List<String> secrets = new ArrayList<>();
    settings.forEach(
        (name, value) -> {
          // not "true", a number or the name of a class: they are no secrets
          if (rule.matcher(name).find()
              && value.length() >= SHORTEST_SECRET
              && !value.matches("[0-9.]+|(?:[a-z_][\\w]*\\.){2,}[\\w$.,]+")) {
            secrets.add(value);
          }
        });
    // of two secrets that begin alike, the longer one first
    secrets.sort(Comparator.comparingInt(String::length).reversed());
    return new Redaction(rule, List.copyOf(secrets));
  }

  /** Returns the value of the setting {@code name} as it may be shown. */
  public String value(String name, String value) {
    return rule.matcher(name).find() || rule.matcher(value).find() ? REPLACEMENT : text(value);
  }

  /** Returns all of {@code settings} as they may be shown, sorted by name. */
  public Map<String, String> values(Map<String, String> settings) {
    Map<String, String> shown = new TreeMap<>();
    settings.forEach((name, value) -> shown.put(name, value(name, value)));
    return shown;
  }

  /** Returns {@code text} without the secrets in it. */
  public String text(String text) {
    String shown = text;
    for (String secret : secrets) {
      shown = shown.replace(secret, REPLACEMENT);
    }
    if (shown.contains("://")) {
      shown = PASSWORD.matcher(shown).replaceAll(uri -> uri.group(1) + REPLACEMENT + "@");
    }
    if (shown.contains("=")) {
      shown =
          PARAMETER
              .matcher(shown)
              .replaceAll(
                  each ->
                      Matcher.quoteReplacement(
                          isSecretParameter(each.group(2))
                              ? each.group(1) + each.group(2) + "=" + REPLACEMENT
                              : each.group()));
      shown =
          ASSIGNMENT
              .matcher(shown)
              .replaceAll(
                  each ->
                      Matcher.quoteReplacement(
                          rule.matcher(each.group(1)).find()
                              ? each.group(1) + "=" + REPLACEMENT
                              : each.group()));
    }
    return shown;
  }

  private boolean isSecretParameter(String name) {
    return rule.matcher(name).find() || SIGNATURE.matcher(name).find();
  }
}
