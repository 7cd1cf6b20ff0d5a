package io.tandem.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.base.UserError;
import io.tandem.testing.Serialization;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PerScaleTest {

  @Test
  void givesEachRangeItsValue() {
    PerScale<Double> temperature = PerScale.decimals("temperature", "1.1:1-7,1.0:8-10", 10);

    assertThat(temperature.values())
        .containsExactly(1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.0, 1.0, 1.0);
    assertThat(temperature.at(6)).isEqualTo(1.1);
    assertThat(temperature.at(7)).isEqualTo(1.0);
    assertThat(temperature).hasToString("1.1:1-7,1.0:8-10");
  }

  @Test
  void givesASingleValueToAllScales() {
    assertThat(PerScale.integers("top-k", "900", 4).values()).containsExactly(900, 900, 900, 900);
    assertThat(PerScale.decimals("top-p", " .96 ", 2).values()).containsExactly(0.96, 0.96);
    assertThat(PerScale.integers("top-k", "900:1-4", 4)).hasToString("900");
    assertThat(PerScale.integers("top-k", "5:4,600:1-3", 4)).hasToString("600:1-3,5:4");
  }

  @ParameterizedTest(name = "'{0}'")
  @MethodSource
  void rejectsTextThatDoesNotGiveEachScaleOneValue(String text, String message) {
    assertThatThrownBy(() -> PerScale.decimals("temperature", text, 10))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use temperature '" + text + "': " + message);
  }

  static Stream<Arguments> rejectsTextThatDoesNotGiveEachScaleOneValue() {
    return Stream.of(
        arguments("", "it is empty (VALUE:SCALES, separated by commas)"),
        arguments("warm", "'warm' is not a number"),
        arguments("1.1,1.0", "'1.1,1.0' is not a number"),
        arguments("1f", "'1f' is not a number"),
        arguments("0x1p3", "'0x1p3' is not a number"),
        arguments("warm:1-10", "'warm' is not a number"),
        arguments("1.1:1-7,1.0", "'1.0' is not VALUE:SCALES (such as VALUE:1-8 or VALUE:4)"),
        arguments("1.1:1-7", "no value for scales 8-10 (every scale from 1 to 10 needs one)"),
        arguments(
            "1.1:1-8,1.0:8-10", "scale 8 has two values, 1.1 and 1.0 (exactly one is needed)"),
        arguments("1.1:1-7,1.0:8-12", "scale 12 is beyond the last one (scales are 1 to 10)"),
        arguments(
            "1.1:7-1,1.0:8-10",
            "the range 7-1 runs backwards (the first scale comes first). Write 1-7."));
  }

  @Test
  void rejectsFractionsWhereWholeNumbersAreNeeded() {
    assertThatThrownBy(() -> PerScale.integers("top-k", "0.5", 10))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use top-k '0.5': '0.5' is not a whole number");
    assertThatThrownBy(() -> PerScale.integers("top-k", "99999999999:1-10", 10))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use top-k '99999999999:1-10': '99999999999' is not a whole number");
  }

  @Test
  void survivesSerialization() {
    PerScale<Double> temperature = PerScale.decimals("temperature", "1.1:1-7,1.0:8-10", 10);

    assertThat(Serialization.roundTrip(temperature)).isEqualTo(temperature);
  }
}
