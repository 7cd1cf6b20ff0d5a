package io.tandem.npz;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * One array of an {@link NpzFile}, read row by row in its order, of any size. Not thread-safe;
 * several may be open.
 */
public final class NpzRows implements AutoCloseable {

  private final String name;
  private final NpyHeader header;
  private final CheckedInputStream in;
  private final long checksum;
  private final int rowBytes;
  private long left;

  private NpzRows(
      String name, NpyHeader header, CheckedInputStream in, long checksum, int rowBytes) {
    this.name = name;
    this.header = header;
    this.in = in;
    this.checksum = checksum;
    this.rowBytes = rowBytes;
    this.left = header.shape().get(0);
  }

  static NpzRows open(String name, ZipFile zip, ZipEntry entry) throws IOException {
    CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
    try {
      NpyHeader header = NpyHeader.read(new DataInputStream(in));
      if (header.shape().isEmpty()) {
        throw new UserError("it has no axes (at least 1)");
      }
      long bytes = header.bytes();
      if (bytes > entry.getSize()) {
        throw UserError.of(
            "its shape %s needs %d bytes, of which there are fewer", header.shape(), bytes);
      }
      long rowBytes = NpyHeader.of(header.format(), axesOfARow(header.shape())).bytes();
      if (rowBytes > NpzFile.MAX_ARRAY_BYTES) {
        throw UserError.of(
            "its rows have %d bytes (at most %d)", rowBytes, NpzFile.MAX_ARRAY_BYTES);
      }
      return new NpzRows(name, header, in, entry.getCrc(), (int) rowBytes);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private static long[] axesOfARow(List<Long> shape) {
    return shape.stream().skip(1).mapToLong(Long::longValue).toArray();
  }

  /** Returns the lengths of the axes, the number of rows first. */
  public List<Long> shape() {
    return header.shape();
  }

  /** Returns the number format. */
  public NumberFormat format() {
    return header.format();
  }

  /** Returns the bytes of a row. */
  public int rowBytes() {
    return rowBytes;
  }

  /** Returns how many rows have not been read. */
  public long left() {
    return left;
  }

  /**
   * Returns the next row: its numbers in row-major order, little-endian.
   *
   * @throws UserError if the array is cut off, or, with the last row, if it is longer than its
   *     shape says or its checksum is another one
   * @throws IllegalStateException if none is left
   */
  public byte[] next() {
    if (left == 0) {
      throw new IllegalStateException("Cannot read a row of " + name + ": none is left");
    }
    try {
      byte[] row = in.readNBytes(rowBytes);
      left--;
      if (row.length < rowBytes) {
        throw damaged("it is cut off");
      }
      if (left == 0) {
        requireEnd();
      }
      return row;
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read %s: it is damaged (%s)", name, e);
    }
  }

  private void requireEnd() throws IOException {
    try (InputStream rest = in) {
      if (rest.read() >= 0) {
        throw damaged("it has more bytes than its shape " + header.shape() + " needs");
      }
    }
    if (in.getChecksum().getValue() != checksum) {
      throw damaged("it is damaged (its checksum is another one)");
    }
  }

  private UserError damaged(String found) {
    return UserError.of("Cannot read %s: %s", name, found);
  }

  /** Ends reading; the rows that are left are not checked. */
  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot close %s: %s", name, e);
    }
  }
}
