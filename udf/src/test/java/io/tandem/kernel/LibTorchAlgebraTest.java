package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.fid.Eigen;
import io.tandem.fid.JacobiAlgebra;
import io.tandem.fid.LinearAlgebra;
import io.tandem.fid.Matrix;
import java.util.Arrays;
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
