package io.tandem.job;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Writes results for machines: records become objects, their components fields. */
public final class JsonFile {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .addModule(new SimpleModule().addSerializer(new OptionalSerializer()))
          .build();

  private JsonFile() {}

  /** An empty Optional becomes null, any other one its value. */
  private static final class OptionalSerializer extends StdSerializer<Optional<?>> {

    private static final long serialVersionUID = 1L;

    OptionalSerializer() {
      super(TypeFactory.defaultInstance().constructType(Optional.class));
    }

    @Override
    public void serialize(Optional<?> value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      provider.defaultSerializeValue(value.orElse(null), json);
    }
  }

  /** Writes {@code result} to {@code file}, which appears complete. */
  public static void write(Path file, Record result) {
    try (StagedFile staged = StagedFile.beside(file)) {
      Files.write(staged.path(), bytes(result));
      staged.commit();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write '%s': %s", file, e);
    }
  }

  /** Returns {@code result} as JSON in UTF-8, with a line end. */
  static byte[] bytes(Record result) {
    try {
      return (MAPPER.writeValueAsString(result) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write " + result.getClass() + " as JSON", e);
    }
  }
}
