package io.tandem.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PixelRoundingTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "1, 255, 255",
    "0.5, 128, 127",
    "0.00195, 0, 0",
    "0.00197, 1, 0",
    "0.9990, 255, 254",
    "-0.3, 0, 0",
    "7, 255, 255",
    "Infinity, 255, 255",
    "-Infinity, 0, 0"
  })
  void roundsOrTruncatesAndClamps(float value, int nearest, int truncated) {
    assertThat(Byte.toUnsignedInt(PixelRounding.NEAREST.of(value))).isEqualTo(nearest);
    assertThat(Byte.toUnsignedInt(PixelRounding.TRUNCATE.of(value))).isEqualTo(truncated);
  }

  @ParameterizedTest
  @EnumSource
  void givesBackEveryStep(PixelRounding rounding) {
    for (int step = 0; step < 256; step++) {
      // Half a step above, so that rounding errors of the product do not decide.
      float value = rounding == PixelRounding.NEAREST ? step / 255f : (step + 0.5f) / 255f;
      assertThat(Byte.toUnsignedInt(rounding.of(value))).isEqualTo(step);
    }
  }

  @Test
  void refusesWhatIsNotANumber() {
    assertThatThrownBy(() -> PixelRounding.NEAREST.of(Float.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot round a pixel: its value is not a number");
  }
}
