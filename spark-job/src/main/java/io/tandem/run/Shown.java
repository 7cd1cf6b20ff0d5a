package io.tandem.run;

import java.time.Duration;

/** How messages show what they did not write themselves. */
final class Shown {

  private static final int LONGEST = 80;

  private Shown() {}

  /** Returns {@code text} on one line, without what would control a terminal, at most so long. */
  static String text(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 3) + "...";
  }

  /** Returns {@code 45 s}, {@code 12 min} or {@code 3 h}. */
  static String duration(Duration duration) {
    long seconds = duration.toSeconds();
    if (Math.abs(seconds) < 120) {
      return seconds + " s";
    }
    return Math.abs(seconds) < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
  }
}
