package io.tandem.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** Reads which files of a folder a decode made. */
final class DecodeRecord {

  private static final String FILES = "files";

  private DecodeRecord() {}

  /**
   * Returns the names in the record at {@code file}, its own included; none if there is no record.
   *
   * <p>The record may have been changed by anybody, and what it names is removed, so that only
   * names that a decode gives count.
   */
  static Set<String> filesOf(Path file) {
    Set<String> names = new LinkedHashSet<>();
    if (!Files.isRegularFile(file)) {
      return names;
    }
    try {
      JsonNode files = new ObjectMapper().readTree(file.toFile()).path(FILES);
      if (!files.isArray()) {
        return names;
      }
      for (JsonNode name : files) {
        if (DecodeJob.isNameOfDecode(name.asText())) {
          names.add(name.asText());
        }
      }
      names.add(DecodeFolder.RECORD);
    } catch (IOException e) {
      names.clear(); // not a record
    }
    return names;
  }
}
