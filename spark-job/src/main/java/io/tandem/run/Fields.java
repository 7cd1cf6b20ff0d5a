package io.tandem.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The fields of a JSON object that came from a file: nothing in it is believed before it is asked
 * for by name and kind. What is wrong is a {@link UserError} that names file and field.
 */
final class Fields {

  /** Characters of the longest text that is read. */
  static final int LONGEST_TEXT = 1 << 22;

  /** What Tandem writes stays far below these limits. */
  private static final StreamReadConstraints CONSTRAINTS =
      StreamReadConstraints.builder()
          .maxStringLength(LONGEST_TEXT)
          .maxNumberLength(30)
          .maxNestingDepth(16)
          .build();

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(CONSTRAINTS).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private static final String VERSION = "schema_version";
  private static final String KIND = "kind";

  private final String file;
  private final String place;
  private final JsonNode object;

  private Fields(String file, String place, JsonNode object) {
    this.file = file;
    this.place = place;
    this.object = object;
  }

  /** Returns an object to be filled, which {@link #read} knows again by {@code kind}. */
  static ObjectNode written(String kind, int version) {
    return MAPPER.createObjectNode().put(KIND, kind).put(VERSION, version);
  }

  /** Returns JSON in UTF-8, with a line end. */
  static byte[] bytes(ObjectNode object) {
    try {
      return (MAPPER.writeValueAsString(object) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write " + object + " as JSON", e);
    }
  }

  /**
   * Returns the fields of the object in {@code content}.
   *
   * @param file what messages call it
   * @param kind what it must be
   * @param version the newest schema that the caller knows; older ones are 1 and up
   */
  static Fields read(String file, byte[] content, String kind, int version) {
    JsonNode object;
    try {
      object = MAPPER.readTree(content);
    } catch (IOException e) {
      String found = e instanceof JsonProcessingException p ? p.getOriginalMessage() : e.toString();
      throw UserError.because(
          e, "Cannot read '%s': it is no JSON (%s)", file, Shown.text(String.valueOf(found)));
    }
    Fields fields = new Fields(file, "", object);
    if (!object.isObject()
        || !object.path(KIND).isTextual()
        || !object.path(KIND).asText().equals(kind)) {
      throw UserError.of("Cannot read '%s': it is no %s of Tandem", file, kind);
    }
    long found = fields.number(VERSION, 1);
    if (found > version) {
      throw UserError.of(
          "Cannot read '%s': it has schema version %d (1 to %d). Use the Tandem that wrote it, or a"
              + " newer one.",
          file, found, version);
    }
    return fields;
  }

  /**
   * Returns what {@code made} makes of these fields, whatever it refuses being the file's fault.
   */
  <T> T made(Function<Fields, T> made) {
    try {
      return made.apply(this);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw UserError.because(e, "Cannot read '%s': %s", file, e.getMessage());
    } catch (UserError e) {
      if (e.getMessage().startsWith("Cannot read '" + file + "'")) {
        throw e;
      }
      throw UserError.because(e, "Cannot read '%s': %s", file, e.getMessage());
    }
  }

  /** Returns a text, which may be empty. */
  boolean has(String name) {
    return object.has(name);
  }

  /** Returns the text of a field. */
  String text(String name) {
    JsonNode value = object.path(name);
    if (!value.isTextual()) {
      throw wrong(name, value, "a text");
    }
    return value.asText();
  }

  /** Returns a whole number, {@code least} or more. */
  long number(String name, long least) {
    return whole(name, least, Long.MAX_VALUE);
  }

  /** Returns a whole number from 0 that fits into an int. */
  int index(String name) {
    return (int) whole(name, 0, Integer.MAX_VALUE);
  }

  private long whole(String name, long least, long most) {
    JsonNode value = object.path(name);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.asLong() < least
        || value.asLong() > most) {
      throw wrong(name, value, "a whole number, " + least + " to " + most + ",");
    }
    return value.asLong();
  }

  /** Returns whether a field is there and is null. */
  boolean isNull(String name) {
    return object.path(name).isNull();
  }

  /** Returns a point in time. */
  Instant instant(String name) {
    try {
      return Instant.parse(text(name));
    } catch (DateTimeException e) {
      throw wrong(name, object.path(name), "a time such as 2026-01-31T12:00:00Z");
    }
  }

  /** Returns the texts of an object, by name. */
  SortedMap<String, String> texts(String name) {
    Fields inner = new Fields(file, place + name + ".", object.path(name));
    if (!inner.object.isObject()) {
      throw wrong(name, inner.object, "an object");
    }
    SortedMap<String, String> texts = new TreeMap<>();
    inner.object.fieldNames().forEachRemaining(key -> texts.put(key, inner.text(key)));
    return Collections.unmodifiableSortedMap(texts);
  }

  /** Returns the fields of an object. */
  Fields object(String name) {
    JsonNode value = object.path(name);
    if (!value.isObject()) {
      throw wrong(name, value, "an object");
    }
    return new Fields(file, place + name + ".", value);
  }

  /** Returns what {@code made} makes of each object of a list. */
  <T> List<T> list(String name, Function<Fields, T> made) {
    JsonNode list = object.path(name);
    if (!list.isArray()) {
      throw wrong(name, list, "a list");
    }
    List<T> all = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      String at = name + "[" + i + "]";
      if (!list.get(i).isObject()) {
        throw wrong(at, list.get(i), "an object");
      }
      all.add(made.apply(new Fields(file, place + at + ".", list.get(i))));
    }
    return all;
  }

  private UserError wrong(String name, JsonNode value, String needed) {
    String found = value.isMissingNode() ? "is missing" : "is " + Shown.text(value.toString());
    return UserError.of(
        "Cannot read '%s': '%s%s' %s (%s is needed)",
        file, Shown.text(place), Shown.text(name), found, needed);
  }
}
