package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.run.RunFolder;
import io.tandem.spark.SessionSettings;
import io.tandem.table.LakeTable;
import java.util.Optional;

/**
 * Where a run keeps its images, and where it keeps the rest.
 *
 * @param folder of the run, with settings, records and lock; null if nothing is to be written
 * @param table that the images are committed to; empty if they are files in the folder
 */
public record ImagePlace(String folder, Optional<LakeTable> table) {

  private static final String PARQUET = "parquet";

  /**
   * Returns the place that the options {@code --table}, {@code --out} and {@code --state} name.
   *
   * @param format parquet, delta or iceberg
   * @param out folder, or with delta and iceberg the table; null if nothing is to be written
   * @param state folder where {@code out} is a table, else null
   * @param settings know what an address is relative to
   * @throws UserError if they do not fit together
   */
  public static ImagePlace of(String format, String out, String state, SessionSettings settings) {
    if (format.equals(PARQUET)) {
      check(
          state == null,
          "Cannot use --state with --table parquet: a run is in the folder that --out names");
      return new ImagePlace(out, Optional.empty());
    }
    LakeTable.Format lake = format(format);
    if (out == null) {
      return new ImagePlace(null, Optional.empty());
    }
    check(
        state != null,
        "Cannot keep the state of a run in %s table '%s': it has no place for settings, records and"
            + " lock. Pass --state PATH, a folder that is this run's alone.",
        lake.label(),
        out);
    String name = LakeTable.isAddress(out) ? RunFolder.address(out, settings.hadoop()) : out;
    return new ImagePlace(state, Optional.of(new LakeTable(lake, name)));
  }

  /**
   * Returns {@code settings} with those that the table asks for.
   *
   * @throws UserError if Spark would not find the table
   */
  public SessionSettings settings(SessionSettings settings) {
    return RunImages.settings(settings, table);
  }

  private static LakeTable.Format format(String text) {
    for (LakeTable.Format each : LakeTable.Format.values()) {
      if (each.toString().equals(text)) {
        return each;
      }
    }
    throw UserError.of(
        "Cannot write tables in the format '%s' (parquet, delta or iceberg). Correct --table.",
        text);
  }
}
