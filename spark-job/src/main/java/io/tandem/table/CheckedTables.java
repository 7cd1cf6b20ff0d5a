package io.tandem.table;

import java.util.List;
import java.util.Set;

/**
 * What a check of a run's tables came to.
 *
 * @param files files that were looked for
 * @param rows rows of images that were read
 * @param pictures pictures that were decoded and compared with their digests
 * @param total number of findings, 0 if all is as it should be
 * @param findings the first of them, by wave and file
 * @param unreadable paths, in the folder of the run, of the files that are missing or so damaged
 *     that not all of their rows could be read
 */
public record CheckedTables(
    long files,
    long rows,
    long pictures,
    long total,
    List<Finding> findings,
    Set<String> unreadable) {

  public CheckedTables {
    findings = List.copyOf(findings);
    unreadable = Set.copyOf(unreadable);
  }
}
