package io.tandem.fid;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Linear algebra in plain Java by Jacobi's rotations: slow, simple, and accurate to the last
 * digits, so that it can check another one. Fine up to a side of 128 or so.
 *
 * @see <a href="https://doi.org/10.56021/9781421407944">Golub and Van Loan, Matrix Computations,
 *     4th edition, 8.5 (two-sided) and 8.6.3 (one-sided)</a>
 */
public final class JacobiAlgebra implements LinearAlgebra {

  private static final double EPSILON = Math.ulp(1.0);

  /** Some ten sweeps are enough for any matrix of this size. */
  private static final int MAX_SWEEPS = 60;

  @Override
  public Eigen eigen(Matrix matrix) {
    int side = matrix.rows();
    double[] a = matrix.toArray();
    double[] v = Matrix.diagonal(ones(side)).toArray();
    double negligible = EPSILON * norm(a) / Math.max(1, side);
    for (int sweep = 0; rotateAll(a, v, side, negligible); sweep++) {
      requireProgress(sweep);
    }
    int[] order =
        IntStream.range(0, side)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> a[i * side + i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] values = new double[side];
    double[] vectors = new double[side * side];
    for (int i = 0; i < side; i++) {
      values[i] = a[order[i] * side + order[i]];
      for (int row = 0; row < side; row++) {
        vectors[row * side + i] = v[order[i] * side + row];
      }
    }
    return Eigen.of(values, Matrix.owning(side, side, vectors));
  }

  /** Returns whether a rotation was worth its while. Rows of {@code v} are eigenvectors. */
  private static boolean rotateAll(double[] a, double[] v, int side, double negligible) {
    boolean rotated = false;
    for (int p = 0; p < side; p++) {
      for (int q = p + 1; q < side; q++) {
        double apq = a[p * side + q];
        if (Math.abs(apq) > negligible) {
          rotated = true;
          double tangent = tangent((a[q * side + q] - a[p * side + p]) / (2 * apq));
          rotateColumns(a, side, p, q, tangent);
          rotateRows(a, side, p, q, tangent);
          rotateRows(v, side, p, q, tangent);
          a[p * side + q] = 0;
          a[q * side + p] = 0;
        }
      }
    }
    return rotated;
  }

  /** Of the smaller angle whose rotation makes an element vanish; {@code ratio} is its cot(2x). */
  private static double tangent(double ratio) {
    return Math.copySign(1, ratio) / (Math.abs(ratio) + Math.hypot(1, ratio));
  }

  private static void rotateRows(double[] a, int width, int p, int q, double tangent) {
    double cosine = 1 / Math.hypot(1, tangent);
    double sine = tangent * cosine;
    for (int i = 0; i < width; i++) {
      double x = a[p * width + i];
      double y = a[q * width + i];
      a[p * width + i] = cosine * x - sine * y;
      a[q * width + i] = sine * x + cosine * y;
    }
  }

  private static void rotateColumns(double[] a, int side, int p, int q, double tangent) {
    double cosine = 1 / Math.hypot(1, tangent);
    double sine = tangent * cosine;
    for (int i = 0; i < side; i++) {
      double x = a[i * side + p];
      double y = a[i * side + q];
      a[i * side + p] = cosine * x - sine * y;
      a[i * side + q] = sine * x + cosine * y;
    }
  }

  @Override
  public double[] singularValues(Matrix matrix) {
    // The rows that are made orthogonal to each other are those of the shorter axis.
    Matrix wide = matrix.rows() <= matrix.columns() ? matrix : matrix.transposed();
    int rows = wide.rows();
    int width = wide.columns();
    double[] a = wide.toArray();
    double negligible = EPSILON * norm(a) / Math.max(1, rows);
    for (int sweep = 0; orthogonalise(a, rows, width, negligible); sweep++) {
      requireProgress(sweep);
    }
    double[] values = new double[rows];
    Arrays.setAll(values, i -> -Math.sqrt(dot(a, width, i, i)));
    Arrays.sort(values);
    return Arrays.stream(values).map(value -> -value).toArray();
  }

  /** Returns whether a rotation was worth its while. */
  private static boolean orthogonalise(double[] a, int rows, int width, double negligible) {
    boolean rotated = false;
    for (int p = 0; p < rows; p++) {
      for (int q = p + 1; q < rows; q++) {
        double pp = dot(a, width, p, p);
        double qq = dot(a, width, q, q);
        double pq = dot(a, width, p, q);
        double tolerance = width * EPSILON * Math.sqrt(pp * qq);
        if (Math.abs(pq) > tolerance && Math.sqrt(Math.min(pp, qq)) > negligible) {
          rotated = true;
          rotateRows(a, width, p, q, tangent((qq - pp) / (2 * pq)));
        }
      }
    }
    return rotated;
  }

  @Override
  public Matrix product(Matrix a, Matrix b) {
    if (a.columns() != b.rows()) {
      throw new IllegalArgumentException("Cannot multiply a %s by a %s".formatted(a, b));
    }
    int width = b.columns();
    double[] right = b.toArray();
    double[] all = new double[a.rows() * width];
    for (int row = 0; row < a.rows(); row++) {
      for (int k = 0; k < a.columns(); k++) {
        double factor = a.at(row, k);
        for (int column = 0; column < width; column++) {
          all[row * width + column] += factor * right[k * width + column];
        }
      }
    }
    return Matrix.owning(a.rows(), width, all);
  }

  @Override
  public double[] singularValuesOfProduct(Matrix a, Matrix b) {
    return singularValues(product(a, b.transposed()));
  }

  @Override
  public double[] squaredSingularValuesOfProduct(Matrix a, Matrix b) {
    Matrix product = product(a, b.transposed());
    Matrix tall = product.rows() < product.columns() ? product.transposed() : product;
    return eigen(product(tall.transposed(), tall)).values();
  }

  /** The eigenvalues of {@code matrix} itself are compared with each other. */
  @Override
  public Optional<Matrix> triangularRoot(Matrix matrix, double share) {
    int side = matrix.rows();
    double[] values = eigen(matrix).values();
    if (!(values[0] > share * values[side - 1])) {
      return Optional.empty();
    }
    double[] root = new double[side * side];
    for (int row = 0; row < side; row++) {
      for (int column = row; column < side; column++) {
        double rest = matrix.at(row, column);
        for (int k = 0; k < row; k++) {
          rest -= root[k * side + row] * root[k * side + column];
        }
        root[row * side + column] = row == column ? Math.sqrt(rest) : rest / root[row * side + row];
      }
    }
    return Optional.of(Matrix.owning(side, side, root));
  }

  @Override
  public double[] innerProducts(FeatureSet a, FeatureSet b) {
    double[] products = new double[a.size() * b.size()];
    for (int i = 0; i < a.size(); i++) {
      for (int j = 0; j < b.size(); j++) {
        double sum = 0;
        for (int k = 0; k < a.dimension(); k++) {
          sum += (double) a.number(i, k) * b.number(j, k);
        }
        products[i * b.size() + j] = sum;
      }
    }
    return products;
  }

  @Override
  public float[] roughInnerProducts(FeatureSet a, FeatureSet b) {
    double[] products = innerProducts(a, b);
    float[] rough = new float[products.length];
    for (int i = 0; i < rough.length; i++) {
      rough[i] = (float) products[i];
    }
    return rough;
  }

  private static double dot(double[] a, int width, int p, int q) {
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += a[p * width + i] * a[q * width + i];
    }
    return sum;
  }

  private static double norm(double[] numbers) {
    return Math.sqrt(Arrays.stream(numbers).map(number -> number * number).sum());
  }

  private static double[] ones(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static void requireProgress(int sweep) {
    if (sweep == MAX_SWEEPS) {
      throw new IllegalStateException("Cannot diagonalise a matrix in " + sweep + " sweeps");
    }
  }
}
