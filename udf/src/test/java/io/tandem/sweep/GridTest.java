package io.tandem.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GridTest {

  @Test
  void axesAreCombined() {
    Map<String, List<List<String>>> axes = new LinkedHashMap<>();
    axes.put("draft-scales", List.of(List.of("6"), List.of("7")));
    axes.put("top-k", List.of(List.of("600"), List.of("900")));

    List<GridPoint> points = new Grid(axes, Map.of()).points();

    assertThat(points)
        .extracting(GridPoint::name)
        .containsExactly(
            "draft-scales-6-top-k-600",
            "draft-scales-6-top-k-900",
            "draft-scales-7-top-k-600",
            "draft-scales-7-top-k-900");
    assertThat(points.get(2).settings())
        .isEqualTo(Map.of("draft-scales", List.of("7"), "top-k", List.of("600")));
  }

  @Test
  void eachListedPointIsCombinedWithAllValues() {
    Map<String, Map<String, List<String>>> listed = new LinkedHashMap<>();
    listed.put("plain", Map.of("plan", List.of("big:1-10")));
    listed.put("pair", Map.of("plan", List.of("big:1-8,small:9-10")));

    assertThat(new Grid(Map.of("seed", List.of(List.of("1"), List.of("2"))), listed).points())
        .extracting(GridPoint::name)
        .containsExactly("plain-seed-1", "plain-seed-2", "pair-seed-1", "pair-seed-2");
    assertThat(new Grid(Map.of(), listed).points())
        .extracting(GridPoint::name)
        .containsExactly("plain", "pair");
  }

  @Test
  void namesAreThoseOfFoldersAndDiffer() {
    List<GridPoint> points =
        new Grid(
                Map.of(
                    "temperature",
                    List.of(
                        List.of("1.1:1-7,1.0:8-10"),
                        List.of("1.1:1-7/1.0:8-10"),
                        List.of("../" + "x".repeat(200)))),
                Map.of())
            .points();

    assertThat(points)
        .extracting(GridPoint::name)
        .containsExactly(
            "temperature-1.1-1-7-1.0-8-10",
            "temperature-1.1-1-7-1.0-8-10-2",
            "temperature-..-" + "x".repeat(100 - "temperature-..-".length()));
  }

  @Test
  void refusesWhatMakesNoPoints() {
    assertRefused(
        Map.of(),
        Map.of(),
        "Cannot sweep without points: there are neither axes nor points (at least one is needed)."
            + " Add axes { draft-scales = [6, 7] } or the like.");
    assertRefused(
        Map.of("top-k", List.of()),
        Map.of(),
        "Cannot sweep over the axis 'top-k': it has no values (at least one is needed)");
    assertRefused(
        Map.of("top-k", List.of(List.of("6"), List.of("6"))),
        Map.of(),
        "Cannot sweep over the axis 'top-k': it has the value '6' twice (once is enough)");
    assertRefused(
        Map.of("seed", IntStream.range(0, 1001).mapToObj(i -> List.of("" + i)).toList()),
        Map.of(),
        "Cannot sweep over 1001 points (1000 at most). Leave out some values.");
  }

  @Test
  void refusesPointsThatMakeNoSense() {
    assertRefused(
        Map.of(),
        Map.of("../x", Map.of()),
        "Cannot name a point '../x': it is no name for a folder (a letter or a digit, then"
            + " letters, digits, _, - or ., 100 at most)");
    assertRefused(
        Map.of("top-k", List.of(List.of("6"))),
        Map.of("some", Map.of("top-k", List.of("7"))),
        "Cannot sweep over the axis 'top-k': the point 'some' sets it as well (one of them may)");
  }

  private static void assertRefused(
      Map<String, List<List<String>>> axes,
      Map<String, Map<String, List<String>>> listed,
      String message) {
    assertThatThrownBy(() -> new Grid(axes, listed))
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }
}
