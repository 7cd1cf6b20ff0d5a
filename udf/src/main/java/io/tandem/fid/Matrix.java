package io.tandem.fid;

import java.util.Arrays;

/** A matrix of float64 numbers. Immutable. */
public final class Matrix {

  private final int rows;
  private final int columns;
  private final double[] numbers;

  private Matrix(int rows, int columns, double[] numbers) {
    this.rows = rows;
    this.columns = columns;
    this.numbers = numbers;
  }

  /** Returns a matrix of a copy of {@code numbers}, which are in row-major order. */
  public static Matrix of(int rows, int columns, double... numbers) {
    return owning(rows, columns, numbers.clone());
  }

  /** Returns a matrix of {@code numbers} itself, which must not be changed afterwards. */
  static Matrix owning(int rows, int columns, double[] numbers) {
    if (numbers.length != (long) rows * columns) {
      throw new IllegalArgumentException(
          "Cannot make a matrix of %d x %d from %d numbers"
              .formatted(rows, columns, numbers.length));
    }
    return new Matrix(rows, columns, numbers);
  }

  /** Returns the matrix with {@code numbers} on its diagonal and zeros elsewhere. */
  public static Matrix diagonal(double... numbers) {
    int side = numbers.length;
    double[] all = new double[side * side];
    for (int i = 0; i < side; i++) {
      all[i * side + i] = numbers[i];
    }
    return owning(side, side, all);
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns. */
  public int columns() {
    return columns;
  }

  /** Returns the number in {@code row} and {@code column}, both counted from 0. */
  public double at(int row, int column) {
    return numbers[row * columns + column];
  }

  /** Returns a copy of the numbers in row-major order. */
  public double[] toArray() {
    return numbers.clone();
  }

  /** Returns the matrix with rows and columns exchanged. */
  public Matrix transposed() {
    double[] all = new double[numbers.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        all[column * rows + row] = at(row, column);
      }
    }
    return owning(columns, rows, all);
  }

  /** Returns the sum of the diagonal. */
  public double trace() {
    double sum = 0;
    for (int i = 0; i < Math.min(rows, columns); i++) {
      sum += at(i, i);
    }
    return sum;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Matrix matrix
        && rows == matrix.rows
        && columns == matrix.columns
        && Arrays.equals(numbers, matrix.numbers);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * rows + columns) + Arrays.hashCode(numbers);
  }

  @Override
  public String toString() {
    return rows + " x " + columns + " matrix";
  }
}
