package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfFloatTest {

  private static final int PATTERNS = 1 << 16;
  private static final int INFINITE = 0x7c00;

  /** IEEE 754, table 3.5: sign, five bits of exponent, ten of fraction. */
  private static double defined(int bits) {
    double sign = bits < 0x8000 ? 1 : -1;
    int exponent = bits >> 10 & 31;
    double fraction = (bits & 1023) / 1024.0;
    if (exponent == 31) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * Math.pow(2, -14) * fraction
        : sign * Math.pow(2, exponent - 15) * (1 + fraction);
  }

  @Test
  void allPatternsHaveTheirNumbersAndComeBack() {
    for (int bits = 0; bits < PATTERNS; bits++) {
      float number = HalfFloat.toFloat((short) bits);
      double expected = defined(bits);

      if (Double.isNaN(expected)) {
        assertThat(number).as("%x", bits).isNaN();
        assertThat(HalfFloat.toFloat(HalfFloat.of(number))).as("%x", bits).isNaN();
      } else {
        assertThat((double) number).as("%x", bits).isEqualTo(expected);
        assertThat(HalfFloat.of(number) & 0xffff).as("%x", bits).isEqualTo(bits);
      }
    }
  }

  /** Of numbers between two neighbours, and one step of float32 to either side of their middle. */
  @Test
  void roundsToTheNearestAndTiesToEven() {
    for (int bits = 0; bits < INFINITE; bits++) {
      double low = defined(bits);
      double high = bits + 1 == INFINITE ? 65536 : defined(bits + 1);
      float middle = (float) ((low + high) / 2);
      int even = bits % 2 == 0 ? bits : bits + 1;
      for (int sign : new int[] {1, -1}) {
        int top = sign > 0 ? 0 : 0x8000;
        assertThat(HalfFloat.of(sign * Math.nextDown(middle)) & 0xffff).isEqualTo(top | bits);
        assertThat(HalfFloat.of(sign * middle) & 0xffff).isEqualTo(top | even);
        assertThat(HalfFloat.of(sign * Math.nextUp(middle)) & 0xffff).isEqualTo(top | bits + 1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 8000",
    "1, 3c00",
    "-2, c000",
    "65504, 7bff",
    "65519.996, 7bff",
    "65520, 7c00",
    "1e10, 7c00",
    "-3.4e38, fc00",
    "Infinity, 7c00",
    "-Infinity, fc00",
    "5.9604645e-8, 1",
    "2.9802322e-8, 0",
    "2.9802326e-8, 1",
    "1.4e-45, 0",
    "6.1035156e-5, 400",
    "6.1005354e-5, 400",
    "0.1, 2e66"
  })
  void knowsTheEdges(float number, String bits) {
    assertThat(Integer.toHexString(HalfFloat.of(number) & 0xffff)).isEqualTo(bits);
  }
}
