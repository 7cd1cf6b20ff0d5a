package io.tandem.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.tandem.report.Axis.Begin;
import io.tandem.report.Axis.Spacing;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AxisTest {

  @ParameterizedTest
  @CsvSource({
    "0.3, 4.2, ZERO, 0 1 2 3 4 5",
    "0.3, 4.2, LEAST, 0 1 2 3 4 5",
    "101, 103, LEAST, 101 101.5 102 102.5 103",
    "0, 0.00037, ZERO, 0 0.0001 0.0002 0.0003 0.0004",
    "-2, 3, ZERO, -2 -1 0 1 2 3",
    "0, 12000, ZERO, '0 5,000 10,000 15,000'",
    "7, 7, ZERO, 0 2 4 6 8",
    "7, 7, LEAST, 6 6.5 7 7.5 8",
    "0, 0, ZERO, 0 0.2 0.4 0.6 0.8 1",
    "0, 0.3, ZERO, 0 0.1 0.2 0.3",
  })
  void endsAtRoundNumbers(double least, double most, Begin begin, String ticks) {
    Axis axis = Axis.linear("x", begin, List.of(least, most));

    assertThat(String.join(" ", axis.ticks().stream().map(axis::label).toList())).isEqualTo(ticks);
    assertThat(axis.share(axis.low())).isZero();
    assertThat(axis.share(axis.high())).isEqualTo(1);
    assertThat(axis.low()).isLessThanOrEqualTo(least);
    assertThat(axis.high()).isGreaterThanOrEqualTo(most);
  }

  @Test
  void needsNoNumbers() {
    assertThat(Axis.linear("x", Begin.ZERO, List.of()).high()).isEqualTo(1);
    assertThat(Axis.logarithmic("x", List.of()).ticks()).containsExactly(1.0, 2.0, 5.0, 10.0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 1e-7, 0.07, 3, 1e9, 1e300})
  void holdsNumbersOfAnySize(double number) {
    List<Double> values = List.of(number, 1.7 * number, 9.9 * number);
    for (Axis axis :
        List.of(Axis.linear("x", Begin.LEAST, values), Axis.logarithmic("x", values))) {
      assertThat(axis.ticks()).hasSizeBetween(2, 10);
      assertThat(values.stream().map(axis::share)).allMatch(share -> share >= 0 && share <= 1.0001);
      assertThat(axis.ticks()).allMatch(tick -> axis.label(tick).length() < 12);
    }
  }

  @Test
  void equalRatiosAreEqualLengthsOnALogarithmicAxis() {
    Axis axis = Axis.logarithmic("images/s", List.of(3.0, 40.0));

    assertThat(axis.ticks()).containsExactly(2.0, 5.0, 10.0, 20.0, 50.0);
    assertThat(axis.share(20) - axis.share(10))
        .isCloseTo(axis.share(10) - axis.share(5), within(1e-12));
  }

  @Test
  void manyDecadesHaveATickEach() {
    Axis axis = Axis.logarithmic("x", DoubleStream.of(0.001, 1000).boxed().toList());

    assertThat(axis.ticks()).hasSize(7).first().isEqualTo(0.001);
  }

  @Test
  void refusesRangesThatAreNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Axis("x", 1, 1, List.of(), Spacing.LINEAR))
        .withMessage("No axis goes from 1.0 to 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Axis.linear("x", Begin.ZERO, List.of(Double.NaN)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Axis.linear("x", Begin.ZERO, List.of(Double.POSITIVE_INFINITY)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Axis("x", 0, 1, List.of(), Spacing.LOGARITHMIC))
        .withMessage("No logarithmic axis begins at 0.0");
  }
}
