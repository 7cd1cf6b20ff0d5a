package io.tandem.table;

import java.util.List;

/**
 * What a check of a run's tables came to.
 *
 * @param files files that were looked for
 * @param rows rows of images that were read
 * @param pictures pictures that were decoded and compared with their digests
 * @param total number of findings, 0 if all is as it should be
 * @param findings the first of them, by wave and file
 */
public record CheckedTables(
    long files, long rows, long pictures, long total, List<Finding> findings) {

  public CheckedTables {
    findings = List.copyOf(findings);
  }
}
