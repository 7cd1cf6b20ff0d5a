package io.tandem.export;

import io.tandem.table.SampleKey;
import java.util.Locale;

/** Names of files, in the order of samples and harmless whatever their classes are called. */
final class SampleName {

  /** Characters of the name of a class that a file name shows. */
  private static final int LONGEST = 40;

  private SampleName() {}

  /** Returns the index with at least nine digits: {@code 000000012}. */
  static String key(SampleKey sample) {
    return String.format(Locale.ROOT, "%09d", sample.sampleIndex());
  }

  /** Returns index, class and, as far as it is harmless, its name: {@code 000000012-3-star}. */
  static String of(SampleKey sample) {
    String name = key(sample) + "-" + sample.classId();
    String words = sample.className().map(SampleName::harmless).orElse("");
    return words.isEmpty() ? name : name + "-" + words;
  }

  /** Keeps ASCII letters and digits; anything between them becomes one {@code _}. */
  private static String harmless(String name) {
    String words = name.replaceAll("[^A-Za-z0-9]+", "_").replaceAll("^_|_$", "");
    return words.length() <= LONGEST ? words : words.substring(0, LONGEST);
  }
}
