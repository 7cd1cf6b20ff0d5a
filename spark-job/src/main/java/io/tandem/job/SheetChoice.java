package io.tandem.job;

import io.tandem.table.SampleKey;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Chooses samples to look at, as many of each class: always the same of the same run. Of more
 * classes than fit, some at equal distances. Not thread-safe.
 */
final class SheetChoice {

  /** Samples that are chosen at most. */
  static final int MOST = 96;

  /** Samples of a class at most. */
  static final int MOST_OF_A_CLASS = 8;

  private final SortedMap<Integer, List<Long>> first = new TreeMap<>();

  /** Takes note of a sample; samples come in the order of their indexes. */
  void add(SampleKey sample) {
    if (!sample.isFailed()) {
      List<Long> samples =
          first.computeIfAbsent(sample.classId(), any -> new ArrayList<>(MOST_OF_A_CLASS));
      if (samples.size() < MOST_OF_A_CLASS) {
        samples.add(sample.sampleIndex());
      }
    }
  }

  /** Returns the indexes of the chosen ones. */
  SortedSet<Long> chosen() {
    List<List<Long>> classes = new ArrayList<>(first.values());
    int shown = Math.min(MOST, classes.size());
    SortedSet<Long> chosen = new TreeSet<>();
    for (int i = 0; i < shown; i++) {
      List<Long> samples = classes.get((int) ((long) i * classes.size() / shown));
      chosen.addAll(samples.subList(0, Math.min(samples.size(), MOST / shown)));
    }
    return chosen;
  }
}
