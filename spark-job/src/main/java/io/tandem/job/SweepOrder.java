package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.spark.SessionSettings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * A sweep that is wanted.
 *
 * @param out its folder
 * @param points at least one, no two of which make the same samples
 * @param evaluation of each point; none if pictures are not evaluated
 * @param command arguments of {@code tandem} that ask for it
 * @param spark what Spark is started with
 */
public record SweepOrder(
    String out,
    List<Point> points,
    Optional<SweepEvaluation> evaluation,
    List<String> command,
    SessionSettings spark) {

  /**
   * A point.
   *
   * @param name of its folder
   * @param grid settings that the grid gives it, in order
   * @param order what it makes
   * @param conditions how that is made; its folder is that of the point
   */
  public record Point(
      String name, Map<String, String> grid, DataSetOrder order, GenerateConditions conditions) {

    public Point {
      grid = Collections.unmodifiableMap(new LinkedHashMap<>(grid));
    }

    /** Returns all that settles the samples. */
    private Map<String, Object> settled() {
      SortedMap<String, String> options = order.options();
      Map<String, Object> settled = new LinkedHashMap<>(options);
      settled.put("precision", conditions.execution().precision());
      for (var model : order.models().all()) {
        settled.put("weights of " + model.name(), model.sha256());
      }
      return settled;
    }
  }

  /**
   * How points are evaluated.
   *
   * @param reference what they are compared with
   * @param metrics what is computed
   * @param errors whether standard errors are estimated
   * @param features how features are computed
   */
  public record SweepEvaluation(
      String reference,
      Set<Metric> metrics,
      EvaluateRequest.Errors errors,
      FeatureRequest features) {

    EvaluateRequest request(String images) {
      return new EvaluateRequest(
          images,
          reference,
          metrics,
          new EvaluateRequest.Extent(errors, EvaluateRequest.Classes.TOGETHER),
          features);
    }
  }

  /**
   * Takes copies.
   *
   * @throws io.tandem.base.UserError if two points differ in nothing
   */
  public SweepOrder {
    points = List.copyOf(points);
    command = List.copyOf(command);
    Map<Map<String, Object>, String> seen = new LinkedHashMap<>();
    for (Point point : points) {
      String other = seen.putIfAbsent(point.settled(), point.name());
      check(
          other == null,
          "Cannot sweep over the points '%s' and '%s': they differ in nothing (each needs settings"
              + " of its own). Leave one of them out.",
          other,
          point.name());
    }
  }
}
