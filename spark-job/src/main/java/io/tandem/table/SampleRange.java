package io.tandem.table;

import java.io.Serializable;

/**
 * Numbers that follow each other: indexes of samples, or numbers of batches.
 *
 * @param first the first of them
 * @param end the one after the last
 */
public record SampleRange(long first, long end) implements Serializable {

  public SampleRange {
    if (end <= first) {
      throw new IllegalArgumentException(
          "There are no numbers from " + first + " to before " + end);
    }
  }

  /** Returns how many there are. */
  public long count() {
    return end - first;
  }

  /** Returns what messages call them, such as {@code 7} or {@code 7 to 9}. */
  @Override
  public String toString() {
    return count() == 1 ? Long.toString(first) : first + " to " + (end - 1);
  }
}
