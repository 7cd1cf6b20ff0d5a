package io.tandem.fid;

/** Eigenvalues and eigenvectors of a symmetric matrix. Immutable. */
public final class Eigen {

  private final double[] values;
  private final Matrix vectors;

  private Eigen(double[] values, Matrix vectors) {
    this.values = values;
    this.vectors = vectors;
  }

  /**
   * Returns a decomposition.
   *
   * @param values eigenvalues, smallest first
   * @param vectors orthonormal columns; column i belongs to value i
   */
  public static Eigen of(double[] values, Matrix vectors) {
    return new Eigen(values.clone(), vectors);
  }

  /** Returns the eigenvalues, smallest first. */
  public double[] values() {
    return values.clone();
  }

  /** Returns the eigenvectors, orthonormal columns in the order of their values. */
  public Matrix vectors() {
    return vectors;
  }
}
