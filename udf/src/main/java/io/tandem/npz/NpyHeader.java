package io.tandem.npz;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What stands before the numbers of an array: a magic word, the version, and a Python dictionary.
 *
 * @param format number format
 * @param shape lengths of the axes; none for a single number
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">The npy
 *     format, versions 1.0 to 3.0</a>
 */
record NpyHeader(NumberFormat format, List<Long> shape) {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int ALIGNMENT = 64;
  private static final int MAX_BYTES = 1 << 16;

  private static final Map<NumberFormat, String> CODES =
      Map.of(
          NumberFormat.UINT8, "|u1",
          NumberFormat.INT32, "<i4",
          NumberFormat.INT64, "<i8",
          NumberFormat.FLOAT16, "<f2",
          NumberFormat.FLOAT32, "<f4",
          NumberFormat.FLOAT64, "<f8");

  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*('[^']*'|[^,}]*)");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9, ]*)\\)");

  static NpyHeader of(NumberFormat format, long... shape) {
    if (!CODES.containsKey(format)) {
      throw new IllegalArgumentException("Cannot write " + format + " to an npz file");
    }
    return new NpyHeader(format, Arrays.stream(shape).boxed().toList());
  }

  /** Returns the header as version 1.0, filled up so that the numbers are aligned. */
  byte[] toBytes() {
    String axes = shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
    String dictionary =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(CODES.get(format), shape.size() == 1 ? axes + "," : axes);
    int before = MAGIC.length + 2 + Short.BYTES;
    int bytes = (before + dictionary.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    byte[] filled = new byte[bytes];
    Arrays.fill(filled, (byte) ' ');
    filled[bytes - 1] = '\n';
    ByteBuffer header = ByteBuffer.wrap(filled).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (bytes - before));
    header.put(dictionary.getBytes(StandardCharsets.US_ASCII));
    return filled;
  }

  /**
   * Reads a header.
   *
   * @throws UserError if it is malformed or describes numbers that are not read
   */
  static NpyHeader read(DataInputStream in) throws IOException {
    byte[] magic = in.readNBytes(MAGIC.length);
    check(Arrays.equals(magic, MAGIC), "it is not in NumPy's format");
    int version = in.readUnsignedByte();
    in.readByte();
    check(version >= 1 && version <= 3, "its version is " + version + " (1 to 3)");
    int bytes =
        version == 1
            ? Short.toUnsignedInt(Short.reverseBytes(in.readShort()))
            : Integer.reverseBytes(in.readInt());
    check(
        bytes >= 0 && bytes <= MAX_BYTES,
        "its header has %s bytes (at most %d)"
            .formatted(Integer.toUnsignedString(bytes), MAX_BYTES));
    String dictionary = new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
    String code = value(DESCR, dictionary).replace("'", "");
    NumberFormat format =
        CODES.entrySet().stream()
            .filter(entry -> entry.getValue().equals(code))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow(
                () ->
                    UserError.of(
                        "its numbers are '%s' (one of %s)",
                        code, CODES.values().stream().sorted().toList()));
    List<Long> shape = axes(value(SHAPE, dictionary));
    boolean columnMajor = value(ORDER, dictionary).equals("True");
    check(!columnMajor || shape.size() < 2, "its numbers are in column-major order");
    return new NpyHeader(format, shape);
  }

  /** Returns the bytes of all numbers. */
  long bytes() {
    long bytes = format.bytes();
    for (long length : shape) {
      bytes = Math.multiplyExact(bytes, length);
    }
    return bytes;
  }

  private static String value(Pattern pattern, String dictionary) {
    Matcher matcher = pattern.matcher(dictionary);
    check(matcher.find(), "its header is malformed");
    return matcher.group(1).strip();
  }

  private static List<Long> axes(String text) {
    try {
      return Arrays.stream(text.split(",", -1))
          .map(String::strip)
          .filter(length -> !length.isEmpty())
          .map(Long::parseLong)
          .toList();
    } catch (NumberFormatException e) {
      throw new UserError("its shape is malformed: (" + text + ")", e);
    }
  }

  private static void check(boolean expected, String found) {
    if (!expected) {
      throw new UserError(found);
    }
  }
}
