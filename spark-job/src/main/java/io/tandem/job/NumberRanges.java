package io.tandem.job;

import static io.tandem.base.Checks.check;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Lists of classes, written as numbers and ranges: {@code 0-9,207}. */
public final class NumberRanges {

  private static final Pattern RANGE = Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,9}))?");
  private static final int LONGEST_RANGE = 1_000_000;

  /** From so many numbers on a range is shorter. */
  private static final int SHORTEST_RANGE = 3;

  private NumberRanges() {}

  /** Returns {@code numbers} as text, in their order. */
  public static String text(List<Integer> numbers) {
    StringJoiner text = new StringJoiner(",");
    for (int i = 0; i < numbers.size(); ) {
      int end = i + 1;
      while (end < numbers.size() && numbers.get(end) == numbers.get(end - 1) + 1) {
        end++;
      }
      if (end - i < SHORTEST_RANGE) {
        text.add(numbers.get(i).toString());
        i++;
      } else {
        text.add(numbers.get(i) + "-" + numbers.get(end - 1));
        i = end;
      }
    }
    return text.toString();
  }

  /**
   * Returns the numbers of {@code text}, in its order.
   *
   * @param what a list it is, for messages
   * @param known numbers from 0 on that may occur
   * @throws io.tandem.base.UserError if a piece is no number or range, or too large
   */
  public static List<Integer> parse(String what, String text, int known) {
    List<Integer> numbers = new ArrayList<>();
    for (String piece : text.split(",", -1)) {
      Matcher range = RANGE.matcher(piece.strip());
      check(
          range.matches(),
          "Cannot use %s '%s': '%s' is no class (such as 3,7,0 or 0-9)",
          what,
          text,
          piece.strip());
      int first = Integer.parseInt(range.group(1));
      int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
      check(
          first <= last && last - first < LONGEST_RANGE,
          "Cannot use %s '%s': the range %s runs backwards or is too long",
          what,
          text,
          piece.strip());
      check(
          last < known,
          "Cannot use %s '%s': there is no class %d (the models know classes 0 to %d)",
          what,
          text,
          Math.max(first, known),
          known - 1);
      IntStream.rangeClosed(first, last).forEach(numbers::add);
    }
    return numbers;
  }
}
