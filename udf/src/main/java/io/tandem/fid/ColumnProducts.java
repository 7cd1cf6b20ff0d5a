package io.tandem.fid;

import java.util.Arrays;

/**
 * Products of the columns of a matrix with each other, the bulk of the work of a covariance, in
 * float64.
 *
 * <p>Each product is summed by fused multiply-adds over the rows in their order, so its bits depend
 * on nothing else: on no machine, no number of threads, no width of registers. The work goes over
 * panels of the matrix that caches hold, in a loop that the just-in-time compiler makes vector code
 * of.
 */
final class ColumnProducts {

  /** Columns of a panel: rows of it, and a row of sums, stay in the first cache. */
  private static final int WIDTH = 256;

  /** Rows of a panel: all of it stays in the second cache. */
  private static final int DEPTH = 32;

  /**
   * Rows that a pass over a row of sums adds. The loop over more is not unrolled far enough for the
   * widest registers, and then runs without any.
   */
  private static final int STEP = 4;

  private final double[][] rows;
  private final int d;

  /**
   * Rows that are being added, [DEPTH, WIDTH]: these columns of them, then zeros to a whole step.
   */
  private final double[][] panel = new double[DEPTH][WIDTH];

  private ColumnProducts(double[][] rows, int d) {
    this.rows = rows;
    this.d = d;
  }

  /**
   * Returns the upper triangle of {@code rows^T rows}, [d, d], row by row.
   *
   * @param rows of d numbers each
   */
  static double[] upperTriangle(double[][] rows, int d) {
    return new ColumnProducts(rows, d).upperTriangle();
  }

  private double[] upperTriangle() {
    double[] triangle = new double[d * (d + 1) / 2];
    for (int first = 0; first < d; first += WIDTH) {
      double[][] sums = products(first, Math.min(WIDTH, d - first));
      for (int i = 0; i < sums.length; i++) {
        int from = Math.max(0, i - first);
        int diagonal = i * d - i * (i - 1) / 2;
        System.arraycopy(
            sums[i], from, triangle, diagonal + first + from - i, sums[i].length - from);
      }
    }
    return triangle;
  }

  /**
   * Returns the products of the columns up to {@code first + width} with the {@code width} ones
   * from {@code first} on; below the diagonal they are zeros.
   */
  private double[][] products(int first, int width) {
    double[][] sums = new double[first + width][width];
    for (int top = 0; top < rows.length; top += DEPTH) {
      int depth = load(top, first, width);
      for (int column = 0; column < sums.length; column++) {
        for (int row = 0; row < depth; row += STEP) {
          add(sums[column], Math.max(0, column - first), column, top, row);
        }
      }
    }
    return sums;
  }

  /** Loads the rows from {@code top} on into the panel and returns how many these are. */
  private int load(int top, int first, int width) {
    int count = Math.min(DEPTH, rows.length - top);
    for (int row = 0; row < count; row++) {
      System.arraycopy(rows[top + row], first, panel[row], 0, width);
    }
    for (int row = count; row % STEP != 0; row++) {
      Arrays.fill(panel[row], 0);
    }
    return count;
  }

  /**
   * Adds the products of {@code column} with those of the panel from {@code from} on, over one step
   * of rows. The loop touches arrays at its own index alone, which lets it become vector code.
   */
  private void add(double[] sums, int from, int column, int top, int row) {
    double[] p = panel[row];
    double[] q = panel[row + 1];
    double[] r = panel[row + 2];
    double[] s = panel[row + 3];
    double a = number(top + row, column);
    double b = number(top + row + 1, column);
    double c = number(top + row + 2, column);
    double e = number(top + row + 3, column);
    for (int j = from; j < sums.length; j++) {
      sums[j] = Math.fma(e, s[j], Math.fma(c, r[j], Math.fma(b, q[j], Math.fma(a, p[j], sums[j]))));
    }
  }

  /** Returns a number of the matrix, zero in the rows that fill the last step up. */
  private double number(int row, int column) {
    return row < rows.length ? rows[row][column] : 0;
  }
}
