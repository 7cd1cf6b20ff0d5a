package io.tandem.fid;

/**
 * The matrix computations behind the Fréchet distance, in float64. Implementations agree up to
 * rounding, and each gives the same bits for the same matrix. Thread-safe.
 */
public interface LinearAlgebra {

  /**
   * Returns the eigenvalues and eigenvectors of a symmetric matrix.
   *
   * @param matrix of finite numbers, exactly symmetric
   */
  Eigen eigen(Matrix matrix);

  /**
   * Returns the singular values of a matrix, largest first, as many as its shorter axis is long.
   *
   * @param matrix of finite numbers
   */
  double[] singularValues(Matrix matrix);

  /** Returns {@code a b}; {@code a} has as many columns as {@code b} has rows. */
  Matrix product(Matrix a, Matrix b);
}
