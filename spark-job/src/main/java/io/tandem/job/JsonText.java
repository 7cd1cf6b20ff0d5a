package io.tandem.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Path;

/** Reads what {@link JsonFile} wrote. */
final class JsonText {

  private JsonText() {}

  /**
   * Returns the content of {@code file}.
   *
   * @throws UserError if it cannot be read or is not JSON
   */
  static JsonNode read(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s. Remove it.", file, e);
    }
  }

  /**
   * Returns a text of the object in {@code file}.
   *
   * @throws UserError if there is none
   */
  static String of(Path file, String key) {
    JsonNode text = read(file).path(key);
    if (!text.isTextual()) {
      throw UserError.of("Cannot read '%s': it has no text '%s'. Remove it.", file, key);
    }
    return text.asText();
  }
}
