package io.tandem.cli;

import static io.tandem.base.Checks.check;

import java.util.Arrays;
import java.util.List;

/** Reads options that are lists of whole numbers. */
final class ListOptions {

  private ListOptions() {}

  /**
   * Returns the numbers of {@code text}, separated by commas.
   *
   * @param option its name, for messages
   * @throws io.tandem.base.UserError if one is no whole number from 1 on
   */
  static List<Integer> numbers(String option, String text) {
    for (String piece : text.split(",", -1)) {
      check(
          piece.strip().matches("[1-9][0-9]{0,5}"),
          "Cannot use %s '%s': '%s' is no whole number from 1 on (such as 1,2,4)",
          option,
          text,
          piece.strip());
    }
    return Arrays.stream(text.split(",", -1)).map(String::strip).map(Integer::valueOf).toList();
  }
}
