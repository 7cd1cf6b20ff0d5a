package io.tandem.npz;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * Writes arrays to an {@code .npz} file one after another, without holding the file in memory.
 *
 * <p>The file is a zip of stored entries in NumPy's format 1.0 and may be of any size. It appears
 * under its name at {@link #commit}; closing without it leaves nothing behind. Not thread-safe.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">The npy
 *     format</a>
 */
public final class NpzWriter implements AutoCloseable {

  private final Path file;
  private final StagedFile staged;
  private final StoredZip zip;
  private final Set<String> names = new HashSet<>();
  private NpzArrayWriter open;

  private NpzWriter(Path file, StagedFile staged, StoredZip zip) {
    this.file = file;
    this.staged = staged;
    this.zip = zip;
  }

  /**
   * Returns a writer of {@code file}; the caller closes it.
   *
   * @throws UserError if no file can be made there
   */
  public static NpzWriter create(Path file) {
    return create(file, StoredZip.ZIP64_FROM);
  }

  /** As above, with the size from which on the 64-bit records of zip are used. */
  static NpzWriter create(Path file, long zip64From) {
    StagedFile staged = StagedFile.beside(file);
    try {
      FileChannel channel =
          FileChannel.open(staged.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return new NpzWriter(file, staged, new StoredZip(channel, zip64From));
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** Writes a float32 array, its numbers in row-major order. */
  public void floats(String name, float[] numbers, long... shape) {
    try (NpzArrayWriter array = array(name, NumberFormat.FLOAT32, shape)) {
      array.write(numbers);
    }
  }

  /** Writes a float64 array, its numbers in row-major order. */
  public void doubles(String name, double[] numbers, long... shape) {
    try (NpzArrayWriter array = array(name, NumberFormat.FLOAT64, shape)) {
      array.write(numbers);
    }
  }

  /** Writes an int64 array, its numbers in row-major order. */
  public void longs(String name, long[] numbers, long... shape) {
    try (NpzArrayWriter array = array(name, NumberFormat.INT64, shape)) {
      array.write(numbers);
    }
  }

  /** Writes an array of unsigned bytes in row-major order. */
  public void bytes(String name, byte[] numbers, long... shape) {
    try (NpzArrayWriter array = array(name, NumberFormat.UINT8, shape)) {
      array.write(ByteBuffer.wrap(numbers));
    }
  }

  /**
   * Starts an array whose numbers are written piece by piece. It is closed before the next one
   * starts.
   *
   * @param name letters, digits, {@code _}, {@code -} and {@code .}; not used before
   * @param format any but bfloat16, which NumPy lacks
   */
  public NpzArrayWriter array(String name, NumberFormat format, long... shape) {
    if (open != null && !open.isClosed()) {
      throw new IllegalStateException("Cannot start array " + name + ": another one is open");
    }
    if (!name.matches("[A-Za-z0-9_.-]{1,200}") || !names.add(name)) {
      throw new IllegalArgumentException("Cannot name an array '" + name + "': malformed or used");
    }
    NpyHeader header = NpyHeader.of(format, shape);
    byte[] before = header.toBytes();
    try {
      zip.begin(name + ".npy", before.length + header.bytes());
      zip.write(ByteBuffer.wrap(before));
    } catch (IOException e) {
      throw failure(file, e);
    }
    open = new NpzArrayWriter(this, name, header.bytes());
    return open;
  }

  void write(ByteBuffer numbers) {
    try {
      zip.write(numbers);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  void endArray() {
    try {
      zip.end();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** Completes the file and gives it its name, in place of a file that has it. */
  public void commit() {
    if (open != null && !open.isClosed()) {
      throw new IllegalStateException("Cannot complete " + file + ": an array is open");
    }
    try {
      zip.finish();
      staged.commit();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** Removes what was written unless it was committed. */
  @Override
  public void close() {
    try (staged) {
      zip.close();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static UserError failure(Path file, IOException cause) {
    return UserError.because(cause, "Cannot write '%s': %s", file, cause);
  }

  static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
