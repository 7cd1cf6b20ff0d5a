package io.tandem.plan;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One value for every scale of an image.
 *
 * <p>In text a single value serves all scales ({@code 1.1}), or each range has one ({@code
 * 1.1:1-7,1.0:8-10}, in any order, counted from 1).
 *
 * @param values the value of each scale, coarse to fine
 */
public record PerScale<T extends Serializable>(List<T> values) implements Serializable {

  public PerScale {
    values = List.copyOf(values);
    check(!values.isEmpty(), "Cannot set values of no scales (at least one scale is needed)");
  }

  /** Returns {@code value} for each of {@code scales} scales. */
  public static <T extends Serializable> PerScale<T> constant(T value, int scales) {
    return new PerScale<>(Collections.nCopies(scales, value));
  }

  /**
   * Returns the numbers that {@code text} sets.
   *
   * @param what the setting, to begin messages with: {@code temperature}
   * @throws UserError if the text is malformed or a scale has no number, two, or does not exist
   */
  public static PerScale<Double> decimals(String what, String text, int scales) {
    return new Syntax<>(what, "value", "a number", PerScale::decimal).parse(text, scales);
  }

  /** Returns the whole numbers that {@code text} sets, as {@link #decimals} does. */
  public static PerScale<Integer> integers(String what, String text, int scales) {
    return new Syntax<>(what, "value", "a whole number", Integer::valueOf).parse(text, scales);
  }

  /** Returns the number of scales. */
  public int scales() {
    return values.size();
  }

  /** Returns the value of {@code scale}, which counts from 0. */
  public T at(int scale) {
    return values.get(scale);
  }

  /** Returns the longest runs of scales with equal values, coarse to fine. */
  List<ScaleRange> runs() {
    List<ScaleRange> runs = new ArrayList<>();
    for (int first = 0, next = 1; next <= scales(); next++) {
      if (next == scales() || !at(next).equals(at(first))) {
        runs.add(new ScaleRange(first, next - 1));
        first = next;
      }
    }
    return runs;
  }

  /** Returns the canonical text with ranges, also where one value serves all scales. */
  String rangesText() {
    return runs().stream().map(run -> at(run.first()) + ":" + run).collect(Collectors.joining(","));
  }

  @Override
  public String toString() {
    return runs().size() == 1 ? at(0).toString() : rangesText();
  }

  /**
   * Reads a decimal as people write it; Java alone would also take {@code 1f} and {@code 0x1p3}.
   */
  private static Double decimal(String text) {
    if (!text.matches("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?|NaN")) {
      throw new NumberFormatException(text);
    }
    return Double.valueOf(text);
  }

  /**
   * How text sets one value for every scale.
   *
   * @param what what the text is, such as {@code plan}
   * @param noun what a scale gets, such as {@code model}
   * @param legal what a value must be, such as {@code a number}
   * @param reader turns text into a value or throws {@link NumberFormatException}
   */
  record Syntax<T extends Serializable>(
      String what, String noun, String legal, Function<String, T> reader) {

    /** Returns the values of {@code text}: one for all scales, or ranges. */
    PerScale<T> parse(String text, int scales) {
      return text.isBlank() || text.contains(":")
          ? parseRanges(text, scales)
          : constant(value(text.strip(), subject(text)), scales);
    }

    /** Returns the values of {@code text}, which must be ranges. */
    PerScale<T> parseRanges(String text, int scales) {
      String subject = subject(text);
      check(
          !text.isBlank(),
          "Cannot use %s: it is empty (%s:SCALES, separated by commas)",
          subject,
          noun.toUpperCase(Locale.ROOT));
      List<T> values = new ArrayList<>(Collections.nCopies(scales, null));
      for (String piece : text.split(",", -1)) {
        assign(piece.strip(), values, subject);
      }
      String missing = missing(values);
      check(
          missing.isEmpty(),
          "Cannot use %s: no %s for %s (every scale from 1 to %d needs one)",
          subject,
          noun,
          missing,
          scales);
      return new PerScale<>(values);
    }

    private String subject(String text) {
      return what + " '" + text + "'";
    }

    private void assign(String piece, List<T> values, String subject) {
      int colon = piece.indexOf(':');
      check(
          colon > 0 && ScaleRange.matches(piece.substring(colon + 1)),
          "Cannot use %s: '%s' is not %s:SCALES (such as %3$s:1-8 or %3$s:4)",
          subject,
          piece,
          noun.toUpperCase(Locale.ROOT));
      T value = value(piece.substring(0, colon), subject);
      ScaleRange range = ScaleRange.parse(piece.substring(colon + 1), values.size(), subject);
      for (int scale = range.first(); scale <= range.last(); scale++) {
        check(
            values.get(scale) == null,
            "Cannot use %s: scale %d has two %ss, %s and %s (exactly one is needed)",
            subject,
            scale + 1,
            noun,
            values.get(scale),
            value);
        values.set(scale, value);
      }
    }

    private T value(String text, String subject) {
      try {
        return reader.apply(text);
      } catch (NumberFormatException e) {
        throw UserError.because(e, "Cannot use %s: '%s' is not %s", subject, text, legal);
      }
    }

    /** Returns {@code scale 4} or {@code scales 4-6,9}; empty if every scale has its value. */
    private static String missing(List<?> values) {
      List<Boolean> gaps = values.stream().map(Objects::isNull).toList();
      PerScale<Boolean> present = new PerScale<>(gaps);
      List<ScaleRange> runs =
          present.runs().stream().filter(run -> present.at(run.first())).toList();
      String text = runs.stream().map(ScaleRange::toString).collect(Collectors.joining(","));
      return text.isEmpty() ? "" : (text.matches("[0-9]+") ? "scale " : "scales ") + text;
    }
  }
}
