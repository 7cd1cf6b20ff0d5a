package io.tandem.vq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class InterpolationTest {

  @Test
  void bicubicRowsAreThoseOfTorch() {
    double[] two = Interpolation.bicubic(2, 16);
    double[] thirteen = Interpolation.bicubic(13, 16);

    assertRow(two, 2, 0, 1.10382080, -0.10382080);
    assertRow(two, 2, 1, 1.11077881, -0.11077881);
    assertRow(two, 2, 4, 0.95031738, 0.04968262);
    assertRow(two, 2, 7, 0.57019043, 0.42980957);
    assertRow(two, 2, 15, -0.10382080, 1.10382080);
    assertRow(thirteen, 13, 0, 1.05774689, -0.05774689, 0);
    assertRow(thirteen, 13, 1, 0.25914001, 0.84983063, -0.10897064, 0);
  }

  @Test
  void bicubicFromOneCellCopiesIt() {
    assertThat(Interpolation.bicubic(1, 16)).containsOnly(1);
  }

  @Test
  void areaRowsAverageTheBinsOfTorch() {
    assertThat(bins(16, 13))
        .isEqualTo("0-2 1-3 2-4 3-5 4-7 6-8 7-9 8-10 9-12 11-13 12-14 13-15 14-16");
    assertThat(bins(16, 10)).isEqualTo("0-2 1-4 3-5 4-7 6-8 8-10 9-12 11-13 12-15 14-16");
  }

  @Test
  void allRowsSumToOne() {
    for (int side = 1; side <= 32; side++) {
      assertRowsSumToOne(Interpolation.bicubic(side, 32), side);
      assertRowsSumToOne(Interpolation.area(32, side), 32);
    }
  }

  private static void assertRowsSumToOne(double[] matrix, int columns) {
    for (int start = 0; start < matrix.length; start += columns) {
      double sum = 0;
      for (int column = 0; column < columns; column++) {
        sum += matrix[start + column];
      }
      assertThat(sum).isCloseTo(1, within(1e-14));
    }
  }

  private static void assertRow(double[] matrix, int columns, int row, double... expected) {
    for (int column = 0; column < expected.length; column++) {
      assertThat(matrix[row * columns + column])
          .as("row %d, column %d", row, column)
          .isCloseTo(expected[column], within(1e-7));
    }
  }

  private static String bins(int from, int to) {
    double[] matrix = Interpolation.area(from, to);
    StringBuilder bins = new StringBuilder();
    for (int row = 0; row < to; row++) {
      double[] weights = Arrays.copyOfRange(matrix, row * from, (row + 1) * from);
      int start = 0;
      while (weights[start] == 0) {
        start++;
      }
      int end = start;
      while (end < from && weights[end] != 0) {
        assertThat(weights[end]).isEqualTo(weights[start]);
        end++;
      }
      assertThat(weights[start] * (end - start)).isCloseTo(1, within(1e-15));
      bins.append(row == 0 ? "" : " ").append(start).append('-').append(end);
    }
    return bins.toString();
  }
}
