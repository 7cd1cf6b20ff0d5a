package io.tandem.fid;

import java.util.Optional;

/**
 * The matrix computations behind the Fréchet distance and its relatives, in float64.
 * Implementations agree up to rounding, and each gives the same bits for the same matrix.
 * Thread-safe.
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

  /**
   * Returns the singular values of {@code a b^T}, largest first, as many as the matrix with fewer
   * rows has.
   *
   * @param a of finite numbers, with as many columns as {@code b}
   */
  double[] singularValuesOfProduct(Matrix a, Matrix b);

  /**
   * Returns the squares of {@link #singularValuesOfProduct}, smallest first: three times faster,
   * with a rounding error of some 1e-16 of the largest in each, so that small ones may come out
   * negative.
   */
  double[] squaredSingularValuesOfProduct(Matrix a, Matrix b);

  /**
   * Returns the upper triangle {@code R} with {@code R^T R} = {@code matrix}, unless its smallest
   * eigenvalue may be below {@code share} of its largest. The eigenvalues are estimated, the
   * smallest within a small factor.
   *
   * @param matrix of finite numbers, exactly symmetric
   */
  Optional<Matrix> triangularRoot(Matrix matrix, double share);

  /**
   * Returns the inner products of the rows of {@code a} and {@code b}, row by row: {@code a.size()}
   * times {@code b.size()} numbers.
   *
   * @param a vectors of the same dimension as those of {@code b}
   */
  double[] innerProducts(FeatureSet a, FeatureSet b);

  /**
   * Returns {@link #innerProducts} computed in float32: twice as fast, and wrong by up to d x 2^-24
   * of the product of the two lengths.
   */
  float[] roughInnerProducts(FeatureSet a, FeatureSet b);

  /** Returns {@code a b}; {@code a} has as many columns as {@code b} has rows. */
  Matrix product(Matrix a, Matrix b);
}
