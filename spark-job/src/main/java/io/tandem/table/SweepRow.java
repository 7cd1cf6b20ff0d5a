package io.tandem.table;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A point of a sweep in numbers.
 *
 * @param point its name
 * @param grid settings that the grid gives it
 * @param run the run that it is; none if it was never begun
 * @param speed how fast it was; none if no times were taken
 * @param metrics by name, standard errors as {@code fid_error} and so on; empty if it was not
 *     evaluated
 * @param standing where it stands
 */
public record SweepRow(
    String point,
    Map<String, String> grid,
    Optional<Run> run,
    Optional<Speed> speed,
    Map<String, Double> metrics,
    Standing standing) {

  public SweepRow {
    grid = Collections.unmodifiableMap(new LinkedHashMap<>(grid));
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /**
   * Where a point stands.
   *
   * @param state {@code done}, {@code failed}, {@code interrupted} or {@code missing}
   * @param message why it failed, empty if it did not
   * @param group number of the group that it was made in, from 1
   * @param onFrontier whether no other point is both better and faster
   */
  public record Standing(String state, String message, int group, boolean onFrontier) {}

  /**
   * The run of a point.
   *
   * @param runId its name
   * @param settings what settles its samples
   * @param images samples that have a picture
   * @param failed samples that have none
   * @param tableBytes of its tables
   * @param weightBytes of its models
   */
  public record Run(
      String runId,
      Map<String, String> settings,
      long images,
      long failed,
      long tableBytes,
      long weightBytes) {

    public Run {
      settings = Map.copyOf(settings);
    }
  }

  /**
   * How fast a point was, over comparable batches, as if it had been made alone.
   *
   * @param imagesPerSecond of all tasks at once, from label to file
   * @param vae milliseconds of an image from feature map to pixels, the median
   * @param encode milliseconds of an image from pixels to file, the median
   * @param scales coarse to fine
   * @param drafting what drafting and refining took
   */
  public record Speed(
      double imagesPerSecond, double vae, double encode, List<Scale> scales, Drafting drafting) {

    public Speed {
      scales = List.copyOf(scales);
    }

    /** Returns the milliseconds of all scales of an image. */
    public double scalesMilliseconds() {
      return scales.stream().mapToDouble(Scale::median).sum();
    }
  }

  /**
   * Seconds of all scales of all batches, one task after another.
   *
   * @param alone as if the point had been made alone
   * @param share what is left of it when scales that are decoded for several points are divided
   *     among them
   */
  public record Drafting(double alone, double share) {}

  /**
   * Times of a scale of one image.
   *
   * @param scale from 1
   * @param side of its token map
   * @param model that decoded it
   * @param prefillTokens that it caught up on first
   * @param median milliseconds
   * @param p95 milliseconds
   * @param cacheBytes of all caches of a batch
   */
  public record Scale(
      int scale,
      int side,
      String model,
      int prefillTokens,
      double median,
      double p95,
      long cacheBytes) {}
}
