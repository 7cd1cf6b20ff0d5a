package io.tandem.table;

import java.io.Serializable;

/**
 * A data file as the record of a wave has it.
 *
 * @param name its name in the folder of the wave
 * @param bytes its length
 * @param rows its number of rows
 * @param writeId the attempt that wrote it
 * @param footerSha256 SHA-256 of what follows its last page, the indexes and the footer, in
 *     lower-case hexadecimal digits. Pages have checksums of their own; nothing else guards these
 *     bytes.
 */
public record WrittenFile(String name, long bytes, long rows, String writeId, String footerSha256)
    implements Serializable {

  public WrittenFile {
    if (name.isEmpty() || name.contains("/") || bytes < 0 || rows < 0) {
      throw new IllegalArgumentException(
          "Cannot record file '%s' of %d bytes and %d rows".formatted(name, bytes, rows));
    }
    if (!footerSha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "Cannot record '" + footerSha256 + "' as the SHA-256 of the footer of '" + name + "'");
    }
  }
}
