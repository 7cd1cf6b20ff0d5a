package io.tandem.fid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class JacobiAlgebraTest {

  private final LinearAlgebra algebra = new JacobiAlgebra();

  @Test
  void eigenOfTwoByTwoByHand() {
    Eigen eigen = algebra.eigen(Matrix.of(2, 2, 2, 1, 1, 2));

    assertThat(eigen.values()).containsExactly(new double[] {1, 3}, within(1e-15));
    double half = Math.sqrt(0.5);
    assertThat(Math.abs(eigen.vectors().at(0, 0))).isCloseTo(half, within(1e-15));
    assertThat(eigen.vectors().at(1, 0)).isEqualTo(-eigen.vectors().at(0, 0));
    assertThat(eigen.vectors().at(0, 1)).isEqualTo(eigen.vectors().at(1, 1));
  }

  @Test
  void sortsTheEigenvaluesOfADiagonal() {
    Eigen eigen = algebra.eigen(Matrix.diagonal(3, -1, 2));

    assertThat(eigen.values()).containsExactly(-1, 2, 3);
    assertThat(eigen.vectors()).isEqualTo(Matrix.of(3, 3, 0, 0, 1, 1, 0, 0, 0, 1, 0));
  }

  @Test
  void takesZeroMatrices() {
    assertThat(algebra.eigen(Matrix.diagonal(0, 0)).values()).containsExactly(0, 0);
    assertThat(algebra.singularValues(Matrix.of(2, 3, new double[6]))).containsExactly(0, 0);
  }

  @Test
  void singularValuesByHand() {
    // the product with its transpose is [[25, 20], [20, 25]]
    assertThat(algebra.singularValues(Matrix.of(2, 2, 3, 4, 0, 5)))
        .containsExactly(new double[] {Math.sqrt(45), Math.sqrt(5)}, within(1e-14));
    assertThat(algebra.singularValues(Matrix.of(3, 1, 2, 3, 6))).containsExactly(7);
    assertThat(algebra.singularValues(Matrix.of(1, 3, 2, 3, 6))).containsExactly(7);
  }

  @Test
  void productByHand() {
    Matrix a = Matrix.of(2, 3, 1, 2, 3, 4, 5, 6);

    assertThat(algebra.product(a, a.transposed())).isEqualTo(Matrix.of(2, 2, 14, 32, 32, 77));
    assertThatThrownBy(() -> algebra.product(a, a))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot multiply a 2 x 3 matrix by a 2 x 3 matrix");
  }

  @Test
  void aMatrixNeedsAllItsNumbers() {
    assertThatThrownBy(() -> Matrix.of(2, 2, 1, 2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a matrix of 2 x 2 from 3 numbers");
  }
}
