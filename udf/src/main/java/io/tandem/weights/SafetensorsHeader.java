package io.tandem.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The header of a safetensors file, every claim of it checked against the file.
 *
 * @param tensors tensors by name, in the order of the header
 * @param metadata texts of {@code __metadata__}
 * @param dataOffset position in the file of the first number
 */
record SafetensorsHeader(
    Map<String, Region> tensors, Map<String, String> metadata, long dataOffset) {

  static final int MAX_HEADER_BYTES = 100_000_000;
  static final int MAX_TENSORS = 100_000;
  static final String METADATA = "__metadata__";

  private static final String RESAVE = "Copy or download the file again, or save it again.";

  /**
   * Where a tensor lies.
   *
   * @param spec name, format and shape
   * @param begin position of its first byte after the header
   */
  record Region(TensorSpec spec, long begin) {
    long end() {
      return begin + spec.bytes();
    }
  }

  /**
   * Reads the header of {@code file}.
   *
   * @throws UserError if it lies about lengths, offsets or formats, or is no valid JSON object
   */
  static SafetensorsHeader read(MappedFile file) {
    if (file.bytes() < Long.BYTES) {
      throw Refusal.of(
          file.origin(), "it has %d bytes, too few for a header. %s", file.bytes(), RESAVE);
    }
    long length = file.copy(0, Long.BYTES).getLong();
    long rest = file.bytes() - Long.BYTES;
    if (length < 0 || length > Math.min(rest, MAX_HEADER_BYTES)) {
      throw Refusal.of(
          file.origin(),
          "its safetensors header claims %s bytes (at most %d, and the file has %d after the "
              + "length). %s",
          Long.toUnsignedString(length),
          MAX_HEADER_BYTES,
          rest,
          RESAVE);
    }
    SafetensorsHeader header = new Json(file).parse((int) length);
    header.checkRegions(file, rest - length);
    return header;
  }

  private void checkRegions(MappedFile file, long dataBytes) {
    List<Region> regions = new ArrayList<>(tensors.values());
    regions.sort(Comparator.comparingLong(Region::begin).thenComparingLong(Region::end));
    long end = 0;
    for (Region region : regions) {
      String name = Refusal.shown(region.spec.name());
      if (region.begin < end) {
        throw Refusal.of(
            file.origin(),
            "tensor '%s' starts at byte %d, inside of the one before, which ends at %d. %s",
            name,
            region.begin,
            end,
            RESAVE);
      }
      if (region.begin > end) {
        throw Refusal.of(
            file.origin(),
            "bytes %d to %d before tensor '%s' belong to no tensor. %s",
            end,
            region.begin,
            name,
            RESAVE);
      }
      end = region.end();
      if (end > dataBytes) {
        throw Refusal.of(
            file.origin(),
            "tensor '%s' ends at byte %d, but there are only %d bytes after the header. %s",
            name,
            end,
            dataBytes,
            RESAVE);
      }
    }
    if (end != dataBytes) {
      throw Refusal.of(
          file.origin(), "bytes %d to %d belong to no tensor. %s", end, dataBytes, RESAVE);
    }
  }

  /** Parses the JSON of one header token by token, so that nothing deeper than expected is read. */
  private static final class Json {

    private static final JsonFactory FACTORY = new JsonFactory();

    private final MappedFile file;
    private final Set<String> names = new HashSet<>();
    private final Map<String, Region> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    /** Bytes of the header up to the end of the last token that was valid. */
    private long validBytes;

    Json(MappedFile file) {
      this.file = file;
    }

    SafetensorsHeader parse(int length) {
      ByteBuffer text = file.copy(Long.BYTES, length);
      try (JsonParser json = FACTORY.createParser(text.array(), text.arrayOffset(), length)) {
        expect(next(json) == JsonToken.START_OBJECT, "it is no JSON object");
        while (next(json) == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          expect(names.add(name), "tensor '" + Refusal.shown(name) + "' appears twice");
          next(json);
          if (name.equals(METADATA)) {
            readMetadata(json);
          } else {
            tensors.put(name, tensor(json, name));
            expect(tensors.size() <= MAX_TENSORS, "it has more than " + MAX_TENSORS + " tensors");
          }
        }
        expect(next(json) == null, "there is text after the JSON object");
      } catch (JsonProcessingException e) {
        throw wrong("it is not valid JSON after byte " + validBytes);
      } catch (IOException e) {
        throw new IllegalStateException("Cannot read from memory", e);
      }
      return new SafetensorsHeader(tensors, metadata, (long) Long.BYTES + length);
    }

    private JsonToken next(JsonParser json) throws IOException {
      JsonToken token = json.nextToken();
      validBytes = json.currentLocation().getByteOffset();
      return token;
    }

    private void readMetadata(JsonParser json) throws IOException {
      expect(json.currentToken() == JsonToken.START_OBJECT, METADATA + " is no object");
      while (next(json) == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        boolean isText = next(json) == JsonToken.VALUE_STRING;
        expect(isText, METADATA + " has a value that is no text");
        metadata.put(key, json.getText());
      }
    }

    private Region tensor(JsonParser json, String name) throws IOException {
      String shown = "tensor '" + Refusal.shown(name) + "'";
      expect(json.currentToken() == JsonToken.START_OBJECT, shown + " is no object");
      String dtype = "";
      List<Long> shape = null;
      List<Long> offsets = null;
      Set<String> fields = new HashSet<>();
      while (next(json) == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        expect(fields.add(field), shown + " has " + Refusal.shown(field) + " twice");
        JsonToken value = next(json);
        switch (field) {
          case "dtype" -> dtype = value == JsonToken.VALUE_STRING ? json.getText() : "";
          case "shape" -> shape = numbers(json, shown + " has a shape");
          case "data_offsets" -> offsets = numbers(json, shown + " has data_offsets");
          default -> throw wrong(shown + " has the unknown field " + Refusal.shown(field));
        }
      }
      expect(
          !dtype.isEmpty() && shape != null && offsets != null && offsets.size() == 2,
          shown + " lacks dtype, shape or two data_offsets");
      return region(name, dtype, shape, offsets);
    }

    private Region region(String name, String dtype, List<Long> shape, List<Long> offsets) {
      String shown = "tensor '" + Refusal.shown(name) + "'";
      NumberFormat format =
          SafetensorsFormats.format(dtype)
              .orElseThrow(
                  () ->
                      wrong(
                          String.format(
                              "%s has numbers of type '%s' (known are %s)",
                              shown, Refusal.shown(dtype), SafetensorsFormats.NAMES)));
      TensorSpec spec = spec(name, format, shape);
      long begin = offsets.get(0);
      long end = offsets.get(1);
      expect(
          begin <= end && end - begin == spec.bytes(),
          String.format(
              "%s lies in bytes %d to %d, but shape %s of %s needs %d bytes",
              shown, begin, end, shape, dtype, spec.bytes()));
      return new Region(spec, begin);
    }

    private TensorSpec spec(String name, NumberFormat format, List<Long> shape) {
      try {
        return new TensorSpec(name, format, shape);
      } catch (UserError e) {
        throw Refusal.of(file.origin(), "%s. %s", e.getMessage(), RESAVE);
      }
    }

    private List<Long> numbers(JsonParser json, String shown) throws IOException {
      expect(json.currentToken() == JsonToken.START_ARRAY, shown + " that is no array");
      List<Long> numbers = new ArrayList<>();
      while (next(json) != JsonToken.END_ARRAY) {
        boolean isSize =
            json.currentToken() == JsonToken.VALUE_NUMBER_INT
                && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                && json.getLongValue() >= 0;
        expect(isSize, shown + " with a number that is no integer from 0 to 2^63 - 1");
        numbers.add(json.getLongValue());
      }
      return numbers;
    }

    private void expect(boolean expected, String found) {
      if (!expected) {
        throw wrong(found);
      }
    }

    private UserError wrong(String found) {
      return Refusal.of(file.origin(), "its safetensors header is wrong: %s. %s", found, RESAVE);
    }
  }
}
