package io.tandem.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes results for machines: records become objects, their components fields. */
final class JsonFile {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private JsonFile() {}

  /** Writes {@code result} to {@code file}, which appears complete. */
  static void write(Path file, Record result) {
    try (StagedFile staged = StagedFile.beside(file)) {
      Files.writeString(staged.path(), text(result));
      staged.commit();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write '%s': %s", file, e);
    }
  }

  /** Returns {@code result} as JSON with a line end. */
  static String text(Record result) {
    try {
      return MAPPER.writeValueAsString(result) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write " + result.getClass() + " as JSON", e);
    }
  }
}
