package io.tandem.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counts samples as they come by in the order of their indexes. Not thread-safe. */
public final class SampleTally {

  private final RangeSet met = new RangeSet();
  private final RangeSet failed = new RangeSet();
  private final SortedMap<Integer, Long> perClass = new TreeMap<>();
  private Optional<String> firstError = Optional.empty();
  private long pictures;

  /** Counts a sample. */
  public void add(SampleKey sample) {
    met.add(sample.sampleIndex());
    if (sample.isFailed()) {
      firstError = firstError.or(sample::error);
      failed.add(sample.sampleIndex());
    } else {
      pictures++;
      perClass.merge(sample.classId(), 1L, Long::sum);
    }
  }

  /** Returns which of samples 0 to {@code count - 1} did not come by. */
  public List<SampleRange> missing(long count) {
    List<SampleRange> missing = new ArrayList<>();
    RangeSet.missing(List.of(new SampleRange(0, count)), met.ranges(), missing::add);
    return missing;
  }

  /** Returns the samples that failed. */
  public List<SampleRange> failed() {
    return failed.ranges();
  }

  /** Returns why the first of them failed, none if none did. */
  public Optional<String> firstError() {
    return firstError;
  }

  /** Returns how many did not fail. */
  public long pictures() {
    return pictures;
  }

  /** Returns how many of each class did not fail. */
  public SortedMap<Integer, Long> perClass() {
    return new TreeMap<>(perClass);
  }
}
