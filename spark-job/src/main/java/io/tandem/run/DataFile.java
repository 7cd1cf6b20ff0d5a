package io.tandem.run;

import static io.tandem.base.Checks.check;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A Parquet file of a wave.
 *
 * @param name in the folder of the wave
 * @param bytes its length
 * @param rows rows in it
 * @param footerSha256 digest of what follows its pages, 64 lower-case hexadecimal digits; pages
 *     have checksums of their own
 */
public record DataFile(String name, long bytes, long rows, String footerSha256)
    implements Serializable {

  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  public DataFile {
    check(
        !name.isEmpty() && name.indexOf('/') < 0 && !name.startsWith(".") && !name.startsWith("_"),
        "Cannot list file '%s' (the name of a file that readers of tables see is needed)",
        Shown.text(name));
    check(
        bytes >= 0 && rows >= 0,
        "Cannot list file '%s' with %d bytes and %d rows (0 or more)",
        Shown.text(name),
        bytes,
        rows);
    check(
        DIGEST.matcher(footerSha256).matches(),
        "Cannot list file '%s': the digest of its footer is '%s' (64 hexadecimal digits)",
        Shown.text(name),
        Shown.text(footerSha256));
  }

  static DataFile read(Fields fields) {
    return new DataFile(
        fields.text("name"),
        fields.number("bytes", 0),
        fields.number("rows", 0),
        fields.text("footer_sha256"));
  }

  void write(ArrayNode files) {
    files
        .addObject()
        .put("name", name)
        .put("bytes", bytes)
        .put("rows", rows)
        .put("footer_sha256", footerSha256);
  }

  /** Returns the rows of all {@code files}, none of which may be there twice. */
  static long rows(List<DataFile> files) {
    long rows = 0;
    Set<String> names = new HashSet<>();
    for (DataFile file : files) {
      check(names.add(file.name), "Cannot list file '%s' twice", Shown.text(file.name));
      rows = Math.addExact(rows, file.rows);
    }
    return rows;
  }
}
