package io.tandem.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.base.UserError;
import io.tandem.plan.DecodePlan.Leg;
import io.tandem.testing.Serialization;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecodePlanTest {

  private static final Set<String> PAIR = Set.of("big", "small");

  @Test
  void givesEachScaleItsModel() {
    DecodePlan plan = DecodePlan.parse("big:1-8,small:9-10", PAIR, 10);

    assertThat(plan.scales()).isEqualTo(10);
    assertThat(IntStream.range(0, 10).mapToObj(plan::modelAt))
        .containsExactly("big", "big", "big", "big", "big", "big", "big", "big", "small", "small");
    assertThat(plan.models()).containsExactly("big", "small");
    assertThat(plan.legs()).containsExactly(new Leg("big", 0, 7), new Leg("small", 8, 9));
    assertThat(plan.decodes("big", 7)).isTrue();
    assertThat(plan.decodes("big", 8)).isFalse();
    assertThat(plan.firstScale("big")).isEqualTo(0);
    assertThat(plan.lastScale("big")).isEqualTo(7);
    assertThat(plan.firstScale("small")).isEqualTo(8);
    assertThat(plan.lastScale("small")).isEqualTo(9);
    assertThat(plan).hasToString("big:1-8,small:9-10");
  }

  @Test
  void swapsOneScaleAndBack() {
    DecodePlan plan = DecodePlan.parse("big:1-3,small:4,big:5-10", PAIR, 10);

    assertThat(plan.legs())
        .containsExactly(new Leg("big", 0, 2), new Leg("small", 3, 3), new Leg("big", 4, 9));
    assertThat(plan.models()).containsExactly("big", "small");
    assertThat(plan.lastScale("big")).isEqualTo(9);
    assertThat(plan.lastScale("small")).isEqualTo(3);
    // small is prefilled with scales 0 to 2 before scale 3, big with scale 3 before scale 4
    assertThat(IntStream.range(0, 10).map(plan::scalesSeenBefore))
        .containsExactly(0, 1, 2, 0, 3, 5, 6, 7, 8, 9);
    assertThat(plan).hasToString("big:1-3,small:4,big:5-10");
    assertThat(plan.legs().get(1)).hasToString("small:4");
  }

  @Test
  void climbsALadderOfFourModels() {
    DecodePlan plan =
        DecodePlan.parse(
            "d30:1-4,d24:5-6,d20:7-8,d16:9-10", List.of("d16", "d20", "d24", "d30"), 10);

    assertThat(plan.models()).containsExactly("d30", "d24", "d20", "d16");
    assertThat(IntStream.range(0, 10).map(plan::scalesSeenBefore))
        .containsExactly(0, 1, 2, 3, 0, 5, 0, 7, 0, 9);
  }

  @ParameterizedTest(name = "'{0}'")
  @CsvSource(
      delimiter = '|',
      value = {
        "small:9-10,big:1-8|big:1-8,small:9-10",
        "' big:1-8 , small:9-10 '|big:1-8,small:9-10",
        "big:1-4,big:5-8,small:9,small:10|big:1-8,small:9-10",
        "big:1,small:2,big:3-10|big:1,small:2,big:3-10",
        "big:01-08,small:9-10|big:1-8,small:9-10"
      })
  void writesTheCanonicalText(String text, String canonical) {
    DecodePlan plan = DecodePlan.parse(text, PAIR, 10);

    assertThat(plan).hasToString(canonical);
    assertThat(DecodePlan.parse(plan.toString(), PAIR, 10)).isEqualTo(plan);
  }

  @Test
  void writesRangesForOneModelToo() {
    assertThat(DecodePlan.single("big", 10)).hasToString("big:1-10");
    assertThat(DecodePlan.single("big", 1)).hasToString("big:1");
    assertThat(DecodePlan.parse("big:1-10", Set.of("big"), 10))
        .isEqualTo(DecodePlan.single("big", 10));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void splitsScalesBetweenDrafterAndRefiner(int draftScales) {
    DecodePlan plan = DecodePlan.collaborative("big", "small", draftScales, 10);

    assertThat(plan.legs())
        .containsExactly(new Leg("big", 0, draftScales - 1), new Leg("small", draftScales, 9));
    assertThat(plan.scalesSeenBefore(draftScales)).isEqualTo(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 10, 11})
  void rejectsASplitThatLeavesOneModelWithoutScales(int draftScales) {
    assertThatThrownBy(() -> DecodePlan.collaborative("big", "small", draftScales, 10))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot split 10 scales between a drafter and a refiner: the drafter would have "
                + draftScales
                + " (1 to 9). Plain VAR needs one model only.");
  }

  @Test
  void rejectsASplitBetweenOneModelAndItself() {
    assertThatThrownBy(() -> DecodePlan.collaborative("big", "big", 8, 10))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot split scales between a drafter and a refiner: both are named 'big' (two names"
                + " are needed). Plain VAR needs one model only.");
  }

  @ParameterizedTest(name = "'{0}'")
  @MethodSource
  void rejectsPlansThatDoNotGiveEachScaleOneModel(String text, String message) {
    assertThatThrownBy(() -> DecodePlan.parse(text, PAIR, 10))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use plan '" + text + "': " + message);
  }

  static Stream<Arguments> rejectsPlansThatDoNotGiveEachScaleOneModel() {
    String form = " (such as MODEL:1-8 or MODEL:4)";
    return Stream.of(
        // gaps
        arguments(
            "big:1-7,small:9-10", "no model for scale 8 (every scale from 1 to 10 needs one)"),
        arguments(
            "big:1-7,small:9", "no model for scales 8,10 (every scale from 1 to 10 needs one)"),
        arguments(
            "big:3-5,small:9",
            "no model for scales 1-2,6-8,10 (every scale from 1 to 10" + " needs one)"),
        arguments("big:1-8", "no model for scales 9-10 (every scale from 1 to 10 needs one)"),
        // overlaps, also of a model with itself
        arguments(
            "big:1-8,small:8-10",
            "scale 8 has two models, big and small (exactly one is" + " needed)"),
        arguments(
            "big:1-8,big:4,small:9-10",
            "scale 4 has two models, big and big (exactly one is" + " needed)"),
        // names
        arguments(
            "huge:1-8,small:9-10",
            "no model is named 'huge' (there are big, small). Correct"
                + " the name, or name a model so."),
        arguments(
            "Big:1-8,small:9-10",
            "no model is named 'Big' (there are big, small). Correct"
                + " the name, or name a model so."),
        arguments(
            "big:1-10",
            "the model 'small' decodes no scale (every named model must be used)."
                + " Give it scales, or leave it out."),
        // scales
        arguments("big:1-8,small:9-11", "scale 11 is beyond the last one (scales are 1 to 10)"),
        arguments(
            "big:1-8,small:9-10,big:11",
            "scale 11 is beyond the last one (scales are 1 to" + " 10)"),
        arguments("big:0-8,small:9-10", "there is no scale 0 (scales are 1 to 10)"),
        arguments(
            "big:8-1,small:9-10",
            "the range 8-1 runs backwards (the first scale comes" + " first). Write 1-8."),
        // text
        arguments("", "it is empty (MODEL:SCALES, separated by commas)"),
        arguments("  ", "it is empty (MODEL:SCALES, separated by commas)"),
        arguments("big", "'big' is not MODEL:SCALES" + form),
        arguments("big:", "'big:' is not MODEL:SCALES" + form),
        arguments(":1-8", "':1-8' is not MODEL:SCALES" + form),
        arguments("big:1-8,", "'' is not MODEL:SCALES" + form),
        arguments("big:1-8;small:9-10", "'big:1-8;small:9-10' is not MODEL:SCALES" + form),
        arguments("big:one", "'big:one' is not MODEL:SCALES" + form),
        arguments("big:1-", "'big:1-' is not MODEL:SCALES" + form),
        arguments("big:-1", "'big:-1' is not MODEL:SCALES" + form),
        arguments("big:1.5-3", "'big:1.5-3' is not MODEL:SCALES" + form),
        arguments("big:1-99999999999", "'big:1-99999999999' is not MODEL:SCALES" + form),
        arguments("big:1-%d", "'big:1-%d' is not MODEL:SCALES" + form),
        arguments("big=1-8", "'big=1-8' is not MODEL:SCALES" + form));
  }

  @Test
  void saysThatThereAreNoModels() {
    assertThatThrownBy(() -> DecodePlan.parse("big:1-10", Set.of(), 10))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use plan 'big:1-10': no model is named 'big' (there are none). Correct the"
                + " name, or name a model so.");
  }

  @Test
  void refusesToAnswerForAModelThatIsNotThere() {
    DecodePlan plan = DecodePlan.single("big", 10);

    assertThatThrownBy(() -> plan.lastScale("small"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No model 'small' in the plan big:1-10");
  }

  @Test
  void survivesSerialization() {
    DecodePlan plan = DecodePlan.parse("big:1-3,small:4,big:5-10", PAIR, 10);

    assertThat(Serialization.roundTrip(plan)).isEqualTo(plan);
  }
}
