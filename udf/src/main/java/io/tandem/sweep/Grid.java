package io.tandem.sweep;

import static io.tandem.base.Checks.check;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Points of settings: those that are listed, or all combinations of the values of some axes, or
 * each listed one with all combinations.
 *
 * @param axes values by the name of an option; a value is what the option is given, several if it
 *     is given several times
 * @param listed points by their names; none if the axes alone make the grid
 */
public record Grid(
    Map<String, List<List<String>>> axes, Map<String, Map<String, List<String>>> listed) {

  /** Far more than anybody waits for. */
  private static final int MOST_POINTS = 1000;

  private static final int LONGEST_NAME = 100;

  /**
   * Takes copies, in order.
   *
   * @throws io.tandem.base.UserError if there is no point, an axis has no values, an option is an
   *     axis and set by a point, or a name is none for a folder
   */
  public Grid {
    axes = Collections.unmodifiableMap(new LinkedHashMap<>(axes));
    listed = Collections.unmodifiableMap(new LinkedHashMap<>(listed));
    check(
        !axes.isEmpty() || !listed.isEmpty(),
        "Cannot sweep without points: there are neither axes nor points (at least one is needed)."
            + " Add axes { draft-scales = [6, 7] } or the like.");
    for (Map.Entry<String, List<List<String>>> axis : axes.entrySet()) {
      check(
          !axis.getValue().isEmpty(),
          "Cannot sweep over the axis '%s': it has no values (at least one is needed)",
          axis.getKey());
      Set<List<String>> seen = new LinkedHashSet<>();
      for (List<String> value : axis.getValue()) {
        check(
            seen.add(value),
            "Cannot sweep over the axis '%s': it has the value '%s' twice (once is enough)",
            axis.getKey(),
            String.join(",", value));
      }
    }
    for (Map.Entry<String, Map<String, List<String>>> point : listed.entrySet()) {
      check(
          point.getKey().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}"),
          "Cannot name a point '%s': it is no name for a folder (a letter or a digit, then letters,"
              + " digits, _, - or ., 100 at most)",
          point.getKey());
      for (String option : point.getValue().keySet()) {
        check(
            !axes.containsKey(option),
            "Cannot sweep over the axis '%s': the point '%s' sets it as well (one of them may)",
            option,
            point.getKey());
      }
    }
    long count = Math.max(1, listed.size());
    for (List<List<String>> values : axes.values()) {
      count = Math.min(Long.MAX_VALUE / MOST_POINTS, count * values.size());
    }
    check(
        count <= MOST_POINTS,
        "Cannot sweep over %d points (%d at most). Leave out some values.",
        count,
        MOST_POINTS);
  }

  /** Returns all points, the values of the last axis changing first. */
  public List<GridPoint> points() {
    List<GridPoint> points = new ArrayList<>();
    if (listed.isEmpty()) {
      points.add(new GridPoint("", Map.of()));
    }
    listed.forEach((name, settings) -> points.add(new GridPoint(name, settings)));
    List<GridPoint> all = points;
    for (Map.Entry<String, List<List<String>>> axis : axes.entrySet()) {
      List<GridPoint> more = new ArrayList<>();
      for (GridPoint point : all) {
        axis.getValue().forEach(value -> more.add(with(point, axis.getKey(), value)));
      }
      all = more;
    }
    return distinct(all);
  }

  private static GridPoint with(GridPoint point, String option, List<String> value) {
    Map<String, List<String>> settings = new LinkedHashMap<>(point.settings());
    settings.put(option, value);
    String own = option + "-" + String.join("-", value);
    return new GridPoint(point.name().isEmpty() ? own : point.name() + "-" + own, settings);
  }

  /** Values may hold what no folder may be named by. */
  private static List<GridPoint> distinct(List<GridPoint> points) {
    Set<String> taken = new LinkedHashSet<>();
    return points.stream()
        .map(
            point -> {
              String plain = point.name().replaceAll("[^A-Za-z0-9._-]+", "-");
              String base = plain.substring(0, Math.min(LONGEST_NAME, plain.length()));
              String name = base;
              for (int i = 2; !taken.add(name); i++) {
                name = base + "-" + i;
              }
              return new GridPoint(name, point.settings());
            })
        .collect(Collectors.toList());
  }
}
