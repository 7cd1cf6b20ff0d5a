package io.tandem.npz;

import java.nio.ByteBuffer;

/** Takes the numbers of one array of an {@link NpzWriter} in row-major order, piece by piece. */
public final class NpzArrayWriter implements AutoCloseable {

  private static final int PIECE = 1 << 16;

  private final NpzWriter npz;
  private final String name;
  private long missing;
  private boolean closed;

  NpzArrayWriter(NpzWriter npz, String name, long bytes) {
    this.npz = npz;
    this.name = name;
    this.missing = bytes;
  }

  /** Writes the bytes that remain in {@code numbers}: little-endian numbers of the format. */
  public void write(ByteBuffer numbers) {
    missing -= numbers.remaining();
    if (closed || missing < 0) {
      throw new IllegalArgumentException(
          "Cannot write array " + name + ": more numbers than its shape has");
    }
    npz.write(numbers);
  }

  /** Writes {@code numbers} to a float32 array. */
  public void write(float[] numbers) {
    ByteBuffer piece = NpzWriter.littleEndian(PIECE);
    for (float number : numbers) {
      piece.putFloat(number);
      writeIfFull(piece);
    }
    write(piece.flip());
  }

  /** Writes {@code numbers} to a float64 array. */
  public void write(double[] numbers) {
    ByteBuffer piece = NpzWriter.littleEndian(PIECE);
    for (double number : numbers) {
      piece.putDouble(number);
      writeIfFull(piece);
    }
    write(piece.flip());
  }

  /** Writes {@code numbers} to an int64 array. */
  public void write(long[] numbers) {
    ByteBuffer piece = NpzWriter.littleEndian(PIECE);
    for (long number : numbers) {
      piece.putLong(number);
      writeIfFull(piece);
    }
    write(piece.flip());
  }

  private void writeIfFull(ByteBuffer piece) {
    if (!piece.hasRemaining()) {
      write(piece.flip());
      piece.clear();
    }
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Ends the array; does nothing the second time.
   *
   * @throws IllegalStateException if fewer numbers were written than the shape has
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (missing > 0) {
      throw new IllegalStateException(
          "Cannot end array %s: %d bytes of its shape are missing".formatted(name, missing));
    }
    npz.endArray();
  }
}
