package io.tandem.cli;

import java.util.Collection;
import java.util.Comparator;

/** Finds what somebody meant to write. */
final class Spelling {

  private Spelling() {}

  /** Returns the one of {@code words}, of which there is at least one, that is nearest. */
  static String nearest(String written, Collection<String> words) {
    return words.stream().min(Comparator.comparingInt(word -> edits(written, word))).orElseThrow();
  }

  /** Levenshtein distance: insertions, deletions and replacements of letters. */
  private static int edits(String from, String to) {
    int[] above = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] row = new int[to.length() + 1];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[to.length()];
  }
}
