package io.tandem.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.base.UserError;
import io.tandem.testing.Serialization;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuidanceScheduleTest {

  @Test
  void growsLinearlyWithTheScale() {
    GuidanceSchedule schedule = GuidanceSchedule.everywhere(1.5, 10);

    double[] expected = {0, .1667, .3333, .5, .6667, .8333, 1.0, 1.1667, 1.3333, 1.5};
    for (int k = 0; k < 10; k++) {
      // expected values are rounded to four digits
      assertThat(schedule.strength(k)).isEqualTo(expected[k], within(5e-5));
      assertThat(schedule.needsUnconditional(k)).isTrue();
      assertThat(schedule.rows(4, k)).isEqualTo(8);
    }
    assertThat(schedule.strength(9)).isEqualTo(1.5);
    assertThat(GuidanceSchedule.parse(1.5, "1-10", 10)).isEqualTo(schedule);
  }

  @Test
  void endsWhereTheTruncatedGoldenCasesEndIt() {
    GuidanceSchedule schedule = GuidanceSchedule.parse(1.5, "1-3", 4);

    assertThat(IntStream.range(0, 4).mapToDouble(schedule::strength))
        .containsExactly(0.0, 0.5, 1.0, 0.0);
    assertThat(unconditional(schedule)).containsExactly(true, true, true, false);
    assertThat(IntStream.range(0, 4).map(k -> schedule.rows(3, k))).containsExactly(6, 6, 6, 3);
  }

  @ParameterizedTest(name = "'{0}'")
  @MethodSource
  void keepsUnconditionalRowsOnlyWhereTheyServe(String scales, List<Boolean> rows) {
    assertThat(unconditional(GuidanceSchedule.parse(1.5, scales, 6))).isEqualTo(rows);
  }

  static Stream<Arguments> keepsUnconditionalRowsOnlyWhereTheyServe() {
    return Stream.of(
        arguments("1-6", List.of(true, true, true, true, true, true)),
        // strength is 0 at the first scale whether or not it is listed
        arguments("2-6", List.of(true, true, true, true, true, true)),
        arguments("1", List.of(false, false, false, false, false, false)),
        arguments("1-2,5-6", List.of(true, true, false, false, true, true)),
        arguments("1,4", List.of(false, false, false, true, false, false)),
        arguments("6", List.of(false, false, false, false, false, true)));
  }

  @Test
  void hasNoUnconditionalRowsWithoutGuidance() {
    assertThat(unconditional(GuidanceSchedule.everywhere(0, 3)))
        .containsExactly(false, false, false);
    assertThat(unconditional(GuidanceSchedule.off(3))).containsExactly(false, false, false);
    assertThat(GuidanceSchedule.off(3).rows(4, 1)).isEqualTo(4);
  }

  @Test
  void doesNotGuideAnImageOfOneScale() {
    GuidanceSchedule schedule = GuidanceSchedule.everywhere(4, 1);

    assertThat(schedule.strength(0)).isZero();
    assertThat(schedule.needsUnconditional(0)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1.5, -0.001, Double.NaN, Double.POSITIVE_INFINITY})
  void rejectsGuidanceThatIsNotANumberFromZeroUp(double guidance) {
    assertThatThrownBy(() -> GuidanceSchedule.everywhere(guidance, 10))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use guidance "
                + guidance
                + ": it is not a number from 0 up (0 turns guidance off, 1.5 is usual)");
  }

  @ParameterizedTest(name = "'{0}'")
  @MethodSource
  void rejectsScalesThatAreNotThere(String scales, String message) {
    assertThatThrownBy(() -> GuidanceSchedule.parse(1.5, scales, 10))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use guidance scales '" + scales + "': " + message);
  }

  static Stream<Arguments> rejectsScalesThatAreNotThere() {
    String form = " is not a range of scales (such as 1-8 or 4)";
    return Stream.of(
        arguments("", "it is empty (such as 1-8 or 1-4,6-10)"),
        arguments("all", "'all'" + form),
        arguments("1-4,", "''" + form),
        arguments("1:4", "'1:4'" + form),
        arguments("0-4", "there is no scale 0 (scales are 1 to 10)"),
        arguments("1-11", "scale 11 is beyond the last one (scales are 1 to 10)"),
        arguments("4-1", "the range 4-1 runs backwards (the first scale comes first). Write 1-4."));
  }

  @Test
  void writesItsScales() {
    assertThat(GuidanceSchedule.parse(1.5, "6-10,1-2,2-4", 10)).hasToString("1.5:1-4,6-10");
    assertThat(GuidanceSchedule.off(10)).hasToString("off");
    assertThat(new ScaleSet(10, List.of())).hasToString("none");
  }

  @Test
  void readsWhatItWrites() {
    for (GuidanceSchedule schedule :
        List.of(
            GuidanceSchedule.off(10),
            GuidanceSchedule.everywhere(1.5, 10),
            GuidanceSchedule.parse(0.125, "2-4,6", 10))) {
      assertThat(GuidanceSchedule.parse(schedule.toString(), 10)).isEqualTo(schedule);
    }
  }

  @Test
  void rejectsWhatItNeverWrites() {
    assertThatThrownBy(() -> GuidanceSchedule.parse("strong", 10))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use guidance 'strong' (such as 1.5:1-10, or off)");
  }

  @Test
  void survivesSerialization() {
    GuidanceSchedule schedule = GuidanceSchedule.parse(1.5, "1-4,6-10", 10);

    assertThat(Serialization.roundTrip(schedule)).isEqualTo(schedule);
  }

  private static List<Boolean> unconditional(GuidanceSchedule schedule) {
    return IntStream.range(0, schedule.scales()).mapToObj(schedule::needsUnconditional).toList();
  }
}
