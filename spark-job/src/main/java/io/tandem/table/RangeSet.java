package io.tandem.table;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** Numbers in the order in which they were met, kept as ranges. Not thread-safe. */
final class RangeSet {

  private final List<SampleRange> closed = new ArrayList<>();
  private long first;
  private long end;

  /** Adds a number; one that follows its predecessor takes no memory. */
  void add(long number) {
    if (end != first && number == end) {
      end++;
      return;
    }
    close();
    first = number;
    end = number + 1;
  }

  private void close() {
    if (end != first) {
      closed.add(new SampleRange(first, end));
    }
  }

  /** Returns the ranges in the order in which they were met; they may overlap. */
  List<SampleRange> ranges() {
    List<SampleRange> ranges = new ArrayList<>(closed);
    if (end != first) {
      ranges.add(new SampleRange(first, end));
    }
    return ranges;
  }

  /** Returns the same numbers, each once, as few ranges in ascending order. */
  static List<SampleRange> merged(Collection<SampleRange> ranges) {
    List<SampleRange> merged = new ArrayList<>();
    for (SampleRange range : sorted(ranges)) {
      int last = merged.size() - 1;
      if (last >= 0 && range.first() <= merged.get(last).end()) {
        long end = Math.max(range.end(), merged.get(last).end());
        merged.set(last, new SampleRange(merged.get(last).first(), end));
      } else {
        merged.add(range);
      }
    }
    return merged;
  }

  /** Names the numbers that are in more than one of {@code ranges}. */
  static void repeated(Collection<SampleRange> ranges, Consumer<SampleRange> found) {
    List<SampleRange> twice = new ArrayList<>();
    long end = Long.MIN_VALUE;
    for (SampleRange range : sorted(ranges)) {
      if (range.first() < end) {
        twice.add(new SampleRange(range.first(), Math.min(end, range.end())));
      }
      end = Math.max(end, range.end());
    }
    merged(twice).forEach(found);
  }

  /** Names the numbers of {@code whole} that are in none of {@code parts}. */
  static void missing(
      Collection<SampleRange> whole, Collection<SampleRange> parts, Consumer<SampleRange> found) {
    List<SampleRange> there = merged(parts);
    int at = 0;
    for (SampleRange range : merged(whole)) {
      long next = range.first();
      while (at < there.size() && there.get(at).end() <= next) {
        at++;
      }
      for (int i = at; i < there.size() && there.get(i).first() < range.end(); i++) {
        if (next < there.get(i).first()) {
          found.accept(new SampleRange(next, there.get(i).first()));
        }
        next = there.get(i).end();
      }
      if (next < range.end()) {
        found.accept(new SampleRange(next, range.end()));
      }
    }
  }

  private static List<SampleRange> sorted(Collection<SampleRange> ranges) {
    return ranges.stream().sorted(Comparator.comparingLong(SampleRange::first)).toList();
  }
}
