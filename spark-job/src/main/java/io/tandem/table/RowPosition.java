package io.tandem.table;

import java.util.Comparator;

/**
 * Where a row stands in its table, in the order of rows.
 *
 * @param sampleIndex the column of this name; the same number in all rows without it
 * @param file the file that holds the row, as messages show it
 * @param row its index among the rows of that file, the first is 0
 */
record RowPosition(long sampleIndex, String file, long row) implements Comparable<RowPosition> {

  private static final Comparator<RowPosition> ORDER =
      Comparator.comparingLong(RowPosition::sampleIndex)
          .thenComparing(RowPosition::file)
          .thenComparingLong(RowPosition::row);

  @Override
  public int compareTo(RowPosition other) {
    return ORDER.compare(this, other);
  }

  /** Returns what messages call the row. */
  @Override
  public String toString() {
    return file + ", row index " + row;
  }
}
