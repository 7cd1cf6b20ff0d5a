package io.tandem.npz;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.nio.ByteBuffer;
import java.util.List;

/** One array of an {@link NpzFile}, in memory. The reading methods copy and only ever widen. */
public final class NpzArray {

  private final String name;
  private final NpyHeader header;
  private final ByteBuffer numbers;

  NpzArray(String name, NpyHeader header, ByteBuffer numbers) {
    this.name = name;
    this.header = header;
    this.numbers = numbers;
  }

  /** Returns the lengths of the axes; none for a single number. */
  public List<Long> shape() {
    return header.shape();
  }

  /** Returns the number format. */
  public NumberFormat format() {
    return header.format();
  }

  /**
   * Returns the numbers in row-major order.
   *
   * @throws UserError if they are not float32
   */
  public float[] toFloats() {
    need(NumberFormat.FLOAT32);
    float[] floats = new float[count()];
    numbers.duplicate().order(numbers.order()).asFloatBuffer().get(floats);
    return floats;
  }

  /**
   * Returns the numbers in row-major order.
   *
   * @throws UserError if they are neither float64 nor float32
   */
  public double[] toDoubles() {
    need(NumberFormat.FLOAT64, NumberFormat.FLOAT32);
    double[] doubles = new double[count()];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] =
          format() == NumberFormat.FLOAT64
              ? numbers.getDouble(i * Double.BYTES)
              : numbers.getFloat(i * Float.BYTES);
    }
    return doubles;
  }

  /**
   * Returns the numbers in row-major order.
   *
   * @throws UserError if they are neither int64 nor int32
   */
  public long[] toLongs() {
    need(NumberFormat.INT64, NumberFormat.INT32);
    long[] longs = new long[count()];
    for (int i = 0; i < longs.length; i++) {
      longs[i] =
          format() == NumberFormat.INT64
              ? numbers.getLong(i * Long.BYTES)
              : numbers.getInt(i * Integer.BYTES);
    }
    return longs;
  }

  /**
   * Returns the unsigned bytes in row-major order.
   *
   * @throws UserError if the numbers are of another format
   */
  public byte[] toBytes() {
    need(NumberFormat.UINT8);
    byte[] bytes = new byte[count()];
    numbers.get(0, bytes);
    return bytes;
  }

  private int count() {
    return numbers.capacity() / format().bytes();
  }

  private void need(NumberFormat... formats) {
    if (!List.of(formats).contains(format())) {
      throw UserError.of(
          "Cannot use array '%s': its numbers are %s (%s needed)",
          name, format(), List.of(formats).toString().replaceAll("[\\[\\]]", ""));
    }
  }
}
