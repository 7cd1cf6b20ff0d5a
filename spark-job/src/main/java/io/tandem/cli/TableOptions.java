package io.tandem.cli;

import io.tandem.base.UserError;
import io.tandem.job.ImagePlace;
import io.tandem.spark.SessionSettings;
import picocli.CommandLine.Option;

/** Options of where a run keeps its images. */
final class TableOptions {

  private static final String PARQUET = "parquet";

  @Option(
      names = "--table",
      defaultValue = PARQUET,
      paramLabel = "FORMAT",
      description = {
        "Where images go: parquet, files in the folder of the run; delta or iceberg, a table that"
            + " --out names (default ${DEFAULT-VALUE})."
      })
  private String table;

  @Option(
      names = "--state",
      paramLabel = "PATH",
      description = {
        "Folder of the run where --out names a table: settings, records of waves, latency, lock."
      })
  private String state;

  /**
   * Returns where images go.
   *
   * @param out what the user named; null for nothing
   * @throws UserError if there can be no such place
   */
  ImagePlace place(String out, SessionSettings settings) {
    return ImagePlace.of(table, out, state, settings);
  }
}
