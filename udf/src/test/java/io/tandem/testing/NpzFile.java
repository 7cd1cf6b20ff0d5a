package io.tandem.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The arrays of a NumPy archive, read whole into memory.
 *
 * <p>Reads what the golden files hold: little-endian float16, float32, float64 and int64, and
 * uint8, in row-major order, stored or deflated (NEP 1, versions 1 and 2). Immutable and
 * thread-safe.
 */
public final class NpzFile {

  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '([^']+)', 'fortran_order': (True|False), 'shape': \\(([0-9, ]*)\\),"
              + " *\\}\\s*");

  private final Map<String, Array> arrays;

  private record Array(String type, long[] shape, byte[] content) {

    int count() {
      long count = 1;
      for (long length : shape) {
        count *= length;
      }
      return Math.toIntExact(count);
    }

    ByteBuffer numbers() {
      return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private NpzFile(Map<String, Array> arrays) {
    this.arrays = arrays;
  }

  /** Returns the arrays of {@code file}. */
  public static NpzFile open(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in);
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** Returns the arrays of the class-path resource {@code name}, such as {@code /io/x.npz}. */
  public static NpzFile resource(String name) {
    try (InputStream in = NpzFile.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("Cannot read " + name + ": not on the class path");
      }
      return of(in);
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read " + name + ": " + e.getMessage(), e);
    }
  }

  /** Returns the arrays of an archive; the caller closes {@code in}. */
  public static NpzFile of(InputStream in) throws IOException {
    Map<String, Array> arrays = new LinkedHashMap<>();
    ZipInputStream zip = new ZipInputStream(in);
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      String name = entry.getName().replaceFirst("\\.npy$", "");
      arrays.put(name, array(name, zip.readAllBytes()));
    }
    return new NpzFile(arrays);
  }

  /** Returns the names of the arrays in the order of the file. */
  public Set<String> names() {
    return Collections.unmodifiableSet(arrays.keySet());
  }

  /** Returns the lengths of the axes; empty for a single number. */
  public long[] shape(String name) {
    return array(name).shape().clone();
  }

  /** Returns the numbers of a floating-point array in row-major order, as float32. */
  public float[] floats(String name) {
    Array array = array(name);
    ByteBuffer numbers = array.numbers();
    float[] floats = new float[array.count()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] =
          switch (array.type()) {
            case "<f2" -> widened(numbers.getShort());
            case "<f4" -> numbers.getFloat();
            case "<f8" -> (float) numbers.getDouble();
            default -> throw wrongType(name, "floats");
          };
    }
    return floats;
  }

  /** Returns the numbers of an int64 or uint8 array in row-major order. */
  public long[] longs(String name) {
    Array array = array(name);
    ByteBuffer numbers = array.numbers();
    long[] longs = new long[array.count()];
    for (int i = 0; i < longs.length; i++) {
      longs[i] =
          switch (array.type()) {
            case "<i8" -> numbers.getLong();
            case "|u1" -> Byte.toUnsignedLong(numbers.get());
            default -> throw wrongType(name, "longs");
          };
    }
    return longs;
  }

  /** Returns the numbers of a uint8 array in row-major order. */
  public byte[] bytes(String name) {
    Array array = array(name);
    if (!array.type().equals("|u1")) {
      throw wrongType(name, "bytes");
    }
    return array.content().clone();
  }

  /** Returns a float16 number (IEEE 754 binary16) as float32, which is exact. */
  private static float widened(short half) {
    int exponent = half >> 10 & 0x1f;
    int fraction = half & 0x3ff;
    float magnitude =
        switch (exponent) {
          case 0 -> Math.scalb((float) fraction, -24);
          case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> Math.scalb((float) (0x400 | fraction), exponent - 25);
        };
    return half < 0 ? -magnitude : magnitude;
  }

  private IllegalArgumentException wrongType(String name, String wanted) {
    return new IllegalArgumentException(
        "Cannot read '" + name + "' as " + wanted + ": its type is " + array(name).type());
  }

  private Array array(String name) {
    Array array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("No array '" + name + "' among " + arrays.keySet());
    }
    return array;
  }

  private static Array array(String name, byte[] npy) {
    ByteBuffer buffer = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
    int version = npy[6];
    if (!new String(npy, 0, 6, StandardCharsets.ISO_8859_1).equals("\u0093NUMPY")
        || version < 1
        || version > 2) {
      throw new IllegalArgumentException("Cannot read '" + name + "': not an npy 1 or 2 array");
    }
    int start = version == 1 ? 10 : 12;
    int length = version == 1 ? Short.toUnsignedInt(buffer.getShort(8)) : buffer.getInt(8);
    String header = new String(npy, start, length, StandardCharsets.ISO_8859_1);
    Matcher fields = HEADER.matcher(header);
    if (!fields.matches() || fields.group(2).equals("True")) {
      throw new IllegalArgumentException("Cannot read '" + name + "': its header is " + header);
    }
    byte[] content = new byte[npy.length - start - length];
    System.arraycopy(npy, start + length, content, 0, content.length);
    return new Array(fields.group(1), lengths(fields.group(3)), content);
  }

  private static long[] lengths(String shape) {
    return Pattern.compile("[0-9]+")
        .matcher(shape)
        .results()
        .mapToLong(match -> Long.parseLong(match.group()))
        .toArray();
  }
}
