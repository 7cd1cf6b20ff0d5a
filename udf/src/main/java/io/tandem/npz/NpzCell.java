package io.tandem.npz;

import io.tandem.model.NumberFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Arrays as the content of an {@code .npz} file in memory, to be a cell of a table: what {@code
 * numpy.load} and DJL's {@code NDList.decode} read.
 */
public final class NpzCell {

  /** The first day that zip knows: the same array gives the same bytes. */
  private static final LocalDateTime FIRST_DAY = LocalDateTime.of(1980, 1, 1, 0, 0);

  private NpzCell() {}

  /**
   * Returns a file of one float32 array.
   *
   * @param name of the array
   * @param numbers in row-major order, as many as {@code shape} tells
   */
  public static byte[] of(String name, float[] numbers, long... shape) {
    NpyHeader header = NpyHeader.of(NumberFormat.FLOAT32, shape);
    if (header.bytes() != (long) numbers.length * Float.BYTES) {
      throw new IllegalArgumentException(
          "Cannot make an array of shape %s of %d numbers"
              .formatted(header.shape(), numbers.length));
    }
    byte[] before = header.toBytes();
    ByteBuffer array =
        ByteBuffer.allocate(before.length + numbers.length * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    array.put(before).asFloatBuffer().put(numbers);
    return zip(name + ".npy", array.array());
  }

  /** Returns a zip of one entry that is not compressed. */
  private static byte[] zip(String name, byte[] content) {
    CRC32 checksum = new CRC32();
    checksum.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(checksum.getValue());
    entry.setTimeLocal(FIRST_DAY);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(content.length + 256);
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      out.putNextEntry(entry);
      out.write(content);
      out.closeEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
