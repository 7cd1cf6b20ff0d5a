package io.tandem.weights;

import io.tandem.model.NumberFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a pickle of tensors and plain containers is made of. Nothing here refers to a Python object,
 * so that reading a pickle runs nothing.
 *
 * <p>Strings, booleans, doubles and longs stand for themselves; lists and tuples are lists. A
 * container may contain itself, so none is ever compared, hashed or printed.
 */
final class PickledValues {

  private PickledValues() {}

  /** Values whose content no checkpoint needs: None, bytes, sets and large integers. */
  enum Opaque {
    VALUE
  }

  /**
   * An allowed global by name.
   *
   * @param name module and name, joined by a dot
   */
  record Global(String name) {}

  /** A dictionary; entries whose key is no string are dropped, for they name no tensor. */
  static final class Dict {
    private final Map<String, Object> entries = new LinkedHashMap<>();

    void put(Object key, Object value) {
      if (key instanceof String name) {
        entries.put(name, value);
      }
    }

    Map<String, Object> entries() {
      return entries;
    }
  }

  /** An object of a TorchScript class: the attributes that its state names. */
  static final class ScriptObject {
    private Map<String, Object> attributes = Map.of();

    void become(Dict state) {
      attributes = state.entries();
    }

    Map<String, Object> attributes() {
      return attributes;
    }
  }

  /**
   * A block of numbers in an entry of its own.
   *
   * @param type name of its class in torch, such as {@code FloatStorage}
   * @param key name of the entry below {@code data/}
   * @param numbers how many numbers it claims to have
   */
  record Storage(String type, String key, long numbers) {

    /** Returns the number format, if it is one that weights come in. */
    Optional<NumberFormat> format() {
      return Optional.ofNullable(
          switch (type) {
            case "ByteStorage" -> NumberFormat.UINT8;
            case "IntStorage" -> NumberFormat.INT32;
            case "LongStorage" -> NumberFormat.INT64;
            case "HalfStorage" -> NumberFormat.FLOAT16;
            case "BFloat16Storage" -> NumberFormat.BFLOAT16;
            case "FloatStorage" -> NumberFormat.FLOAT32;
            case "DoubleStorage" -> NumberFormat.FLOAT64;
            default -> null;
          });
    }

    /** Returns the bytes of one number, also of formats that no weights come in. */
    int width() {
      return switch (type) {
        case "ByteStorage", "CharStorage", "BoolStorage" -> 1;
        case "ShortStorage", "HalfStorage", "BFloat16Storage" -> 2;
        case "IntStorage", "FloatStorage" -> 4;
        default -> 8;
      };
    }
  }

  /**
   * A tensor: a view of a storage, as the pickle claims it, not yet checked.
   *
   * @param storage where its numbers are
   * @param offset position of its first number in the storage
   * @param shape sizes, outermost first
   * @param strides distance between neighbours along each axis, in numbers
   */
  record Tensor(Storage storage, long offset, List<Long> shape, List<Long> strides) {}
}
