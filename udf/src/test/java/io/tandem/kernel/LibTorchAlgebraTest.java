package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.fid.Eigen;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.JacobiAlgebra;
import io.tandem.fid.LinearAlgebra;
import io.tandem.fid.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two implementations that share no code agree. */
class LibTorchAlgebraTest {

  private final LinearAlgebra plain = new JacobiAlgebra();
  private final LinearAlgebra torch = new LibTorchAlgebra();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 17, 64, 128})
  void eigenvaluesAgreeToTenDigits(int side) {
    Matrix random = random(side, 2 * side);
    Matrix covariance = plain.product(random, random.transposed());

    double[] expected = plain.eigen(covariance).values();
    Eigen eigen = torch.eigen(covariance);

    assertThat(eigen.values()).hasSize(side).isSorted();
    for (int i = 0; i < side; i++) {
      assertThat(eigen.values()[i]).isCloseTo(expected[i], within(1e-10 * expected[i]));
    }
  }

  @ParameterizedTest
  @CsvSource({"17, 40", "64, 128", "64, 20"})
  void eigenvectorsAreOrthonormalAndMakeUpTheMatrix(int side, int rank) {
    Matrix random = random(side, rank);
    Matrix covariance = plain.product(random, random.transposed());

    for (LinearAlgebra algebra : new LinearAlgebra[] {plain, torch}) {
      Eigen eigen = algebra.eigen(covariance);
      Matrix vectors = eigen.vectors();
      Matrix again =
          plain.product(
              plain.product(vectors, Matrix.diagonal(eigen.values())), vectors.transposed());

      // numbers of the matrix are up to 150, its largest eigenvalue some 500
      assertThat(again.toArray()).containsExactly(covariance.toArray(), within(1e-11));
      assertThat(plain.product(vectors.transposed(), vectors).toArray())
          .containsExactly(identity(side).toArray(), within(1e-13));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 5", "5, 1", "30, 64", "64, 64", "64, 9"})
  void singularValuesAgreeToTenDigits(int rows, int columns) {
    Matrix random = random(rows, columns);

    double[] expected = plain.singularValues(random);
    double[] actual = torch.singularValues(random);

    assertThat(actual).hasSize(Math.min(rows, columns));
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-10 * expected[i]));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 4", "12, 30, 40", "30, 12, 40", "64, 64, 64"})
  void singularValuesOfProductsAgree(int rowsOfA, int rowsOfB, int columns) {
    Matrix a = random(rowsOfA, columns);
    Matrix b = random(rowsOfB, columns);

    double[] expected = plain.singularValuesOfProduct(a, b);
    double[] actual = torch.singularValuesOfProduct(a, b);
    double[] squares = torch.squaredSingularValuesOfProduct(a, b);

    assertThat(actual).hasSize(expected.length).hasSize(Math.min(rowsOfA, rowsOfB));
    assertThat(squares).hasSize(expected.length);
    assertThat(plain.squaredSingularValuesOfProduct(a, b))
        .containsExactly(squares, within(1e-13 * expected[0] * expected[0]));
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-13 * expected[0]));
      assertThat(squares[actual.length - 1 - i])
          .isCloseTo(expected[i] * expected[i], within(1e-13 * expected[0] * expected[0]));
    }
  }

  @Test
  void triangularRootsMakeUpTheMatrix() {
    Matrix random = random(40, 100);
    Matrix covariance = plain.product(random, random.transposed());

    for (LinearAlgebra algebra : new LinearAlgebra[] {plain, torch}) {
      Matrix root = algebra.triangularRoot(covariance, 1e-10).orElseThrow();

      assertThat(plain.product(root.transposed(), root).toArray())
          .containsExactly(covariance.toArray(), within(1e-11));
      assertThat(root.at(1, 0)).isZero();
      assertThat(root.at(39, 38)).isZero();
    }
  }

  /** Random matrices of rank 39, and of an eigenvalue that is 1e-9 of the largest. */
  @Test
  void thereIsNoTriangularRootUnlessTheSmallestEigenvalueIsLargeEnough() {
    Matrix singular = random(40, 39);
    Matrix covariance = plain.product(singular, singular.transposed());
    double[] values = new double[40];
    Arrays.fill(values, 1);
    values[17] = 1e-9;
    Matrix vectors = plain.eigen(covariance).vectors();
    Matrix nearlySingular =
        symmetric(
            plain.product(plain.product(vectors, Matrix.diagonal(values)), vectors.transposed()));

    for (LinearAlgebra algebra : new LinearAlgebra[] {plain, torch}) {
      assertThat(algebra.triangularRoot(covariance, 1e-12)).isEmpty();
      assertThat(algebra.triangularRoot(Matrix.diagonal(1, -1), 1e-12)).isEmpty();
      assertThat(algebra.triangularRoot(Matrix.diagonal(0, 0), 1e-12)).isEmpty();
      assertThat(algebra.triangularRoot(nearlySingular, 1e-7)).isEmpty();
      assertThat(algebra.triangularRoot(nearlySingular, 1e-11)).isPresent();
    }
  }

  private static Matrix symmetric(Matrix matrix) {
    int side = matrix.rows();
    double[] all = new double[side * side];
    for (int i = 0; i < all.length; i++) {
      all[i] = (matrix.at(i / side, i % side) + matrix.at(i % side, i / side)) / 2;
    }
    return Matrix.of(side, side, all);
  }

  @Test
  void innerProductsAgree() {
    FeatureSet a =
        FeatureSet.of(List.of(new float[] {1, 0.1f, -3}, new float[] {1e10f, 1, 1e-10f}));
    FeatureSet b = FeatureSet.of(List.of(new float[] {0.3f, 2, 5}));

    assertThat(torch.innerProducts(a, b))
        .containsExactly(plain.innerProducts(a, b), within(1e-6))
        .hasSize(2);
    // lengths 3.2 and 1e10 by 5.4; 3 x 2^-24 is 1.8e-7
    assertThat(torch.roughInnerProducts(a, b)[0]).isCloseTo(-14.5f, within(3e-6f));
    assertThat(torch.roughInnerProducts(a, b)[1]).isCloseTo(3e9f, within(1e4f));
    assertThat(plain.roughInnerProducts(a, b)[0]).isEqualTo((float) plain.innerProducts(a, b)[0]);
    assertThat(torch.innerProducts(a, b)[0])
        .isCloseTo(0.3f + 2 * (double) 0.1f - 15, within(1e-14));
  }

  @Test
  void productsAgree() {
    Matrix a = random(33, 70);
    Matrix b = random(70, 21);

    assertThat(torch.product(a, b).toArray())
        .containsExactly(plain.product(a, b).toArray(), within(1e-12));
    assertThat(torch.product(a, b).columns()).isEqualTo(21);
  }

  @Test
  void leavesNoNativeValueBehind() {
    long before = NativeScope.liveValues();

    torch.eigen(identity(5));
    torch.singularValues(identity(5));
    torch.product(identity(5), identity(5));
    torch.triangularRoot(identity(5), 1e-10);
    torch.triangularRoot(Matrix.diagonal(0, 1), 1e-10);
    torch.singularValuesOfProduct(identity(5), identity(5));
    torch.squaredSingularValuesOfProduct(identity(5), identity(5));
    FeatureSet set = FeatureSet.of(List.of(new float[2]));
    torch.innerProducts(set, set);
    torch.roughInnerProducts(set, set);

    assertThat(NativeScope.liveValues()).isEqualTo(before);
  }

  private static Matrix identity(int side) {
    double[] ones = new double[side];
    Arrays.fill(ones, 1);
    return Matrix.diagonal(ones);
  }

  private static Matrix random(int rows, int columns) {
    Random random = new Random(7);
    double[] numbers = random.doubles((long) rows * columns, -2, 2).toArray();
    return Matrix.of(rows, columns, numbers);
  }
}
