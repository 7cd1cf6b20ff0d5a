package io.tandem.job;

import io.tandem.run.SweepManifest;
import io.tandem.table.SweepRow;
import java.util.List;
import java.util.Map;

/**
 * What a start of {@code sweep} came to.
 *
 * @param ending how
 * @param summary all points, as they stand
 * @param failures why points failed in this start, by their names
 * @param exitCode of a process that ends with it
 */
public record SweepResult(
    Ending ending, Summary summary, Map<String, String> failures, int exitCode) {

  public SweepResult {
    failures = Map.copyOf(failures);
  }

  /** How a start ended. */
  public enum Ending {
    /** All points were tried. */
    DONE,
    /** It was asked to stop; the same command goes on. */
    STOPPED
  }

  /**
   * All points of a sweep.
   *
   * @param place its folder, as the user gave it
   * @param manifest what {@code sweep.json} says
   * @param rows of the points, in their order
   */
  public record Summary(String place, SweepManifest manifest, List<SweepRow> rows) {

    public Summary {
      rows = List.copyOf(rows);
    }

    /** Returns the rows of the points of a group. */
    public List<SweepRow> of(SweepManifest.SweptGroup group) {
      return rows.stream().filter(row -> group.points().contains(row.point())).toList();
    }
  }
}
