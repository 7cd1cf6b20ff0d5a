package io.tandem.fid;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnProductsTest {

  /** Rows and columns around the sizes of steps (4), panels (64 rows) and tiles (512 columns). */
  @ParameterizedTest
  @CsvSource({
    "1, 1", "1, 3", "2, 4", "3, 5", "4, 8", "5, 13", "63, 7", "64, 12", "65, 9", "130, 33",
    "9, 511", "3, 512", "7, 513", "66, 517", "5, 1030"
  })
  void areThoseOfOneSumAfterAnotherBitForBit(int n, int d) {
    double[][] rows = random(n, d);

    assertThat(ColumnProducts.upperTriangle(rows, d)).isEqualTo(plain(rows, d));
  }

  @Test
  void ofNoRowsAreZero() {
    assertThat(ColumnProducts.upperTriangle(new double[0][], 3)).isEqualTo(new double[6]);
  }

  @Test
  void leaveTheRowsAsTheyAre() {
    double[][] rows = random(5, 6);

    ColumnProducts.upperTriangle(rows, 6);

    assertThat(rows).isDeepEqualTo(random(5, 6));
  }

  private static double[] plain(double[][] rows, int d) {
    double[] triangle = new double[d * (d + 1) / 2];
    int at = 0;
    for (int i = 0; i < d; i++) {
      for (int j = i; j < d; j++) {
        for (double[] row : rows) {
          triangle[at] = Math.fma(row[i], row[j], triangle[at]);
        }
        at++;
      }
    }
    return triangle;
  }

  private static double[][] random(int n, int d) {
    Random random = new Random(n);
    double[][] rows = new double[n][d];
    for (double[] row : rows) {
      for (int i = 0; i < d; i++) {
        row[i] = random.nextGaussian();
      }
    }
    return rows;
  }
}
