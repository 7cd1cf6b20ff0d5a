package io.tandem.plan;

import static io.tandem.base.Checks.check;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Consecutive scales of an image.
 *
 * <p>Counted from 0 here, but from 1 in text: {@code 1-8}, or {@code 4} for a single scale.
 *
 * @param first first scale, 0 or more
 * @param last last scale, which belongs to the range
 */
record ScaleRange(int first, int last) implements Serializable {

  private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,9}))?");

  ScaleRange {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException("No scales " + first + " to " + last);
    }
  }

  /** Says whether {@code text} has the form of a range, legal or not. */
  static boolean matches(String text) {
    return TEXT.matcher(text).matches();
  }

  /**
   * Returns the range that {@code text}, which {@link #matches}, writes.
   *
   * @param subject what the range is part of, to begin messages with: {@code plan 'big:1-8'}
   * @throws io.tandem.base.UserError if the range runs backwards or leaves scales 1 to {@code
   *     scales}
   */
  static ScaleRange parse(String text, int scales, String subject) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("Not a range of scales: " + text);
    }
    int first = Integer.parseInt(matcher.group(1));
    int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
    check(
        first <= last,
        "Cannot use %s: the range %s runs backwards (the first scale comes first). Write %d-%d.",
        subject,
        text,
        last,
        first);
    check(
        first >= 1,
        "Cannot use %s: there is no scale %d (scales are 1 to %d)",
        subject,
        first,
        scales);
    check(
        last <= scales,
        "Cannot use %s: scale %d is beyond the last one (scales are 1 to %d)",
        subject,
        last,
        scales);
    return new ScaleRange(first - 1, last - 1);
  }

  @Override
  public String toString() {
    return first == last ? String.valueOf(first + 1) : (first + 1) + "-" + (last + 1);
  }
}
