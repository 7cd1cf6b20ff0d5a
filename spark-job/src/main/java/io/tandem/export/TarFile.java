package io.tandem.export;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;

/**
 * A tar file of small files with short names. Owner, group and times are those of nobody, never:
 * the same content gives the same bytes.
 *
 * <p>Spark and DJL bring writers of tar in different versions, one of which the jar for
 * spark-submit has under another name; this is the page of them that is needed.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html">POSIX pax, the
 *     ustar interchange format</a>
 */
final class TarFile implements AutoCloseable {

  private static final int BLOCK = 512;

  /** Readers of tapes take twenty blocks at a time, and writers fill the last ones up. */
  private static final int RECORD = 20 * BLOCK;

  private static final int NAME_BYTES = 100;
  private static final int CHECKSUM_AT = 148;
  private static final int CHECKSUM_BYTES = 8;

  private final OutputStream out;
  private long written;

  private TarFile(OutputStream out) {
    this.out = out;
  }

  /** Begins a file that is not there yet; the caller closes it. */
  static TarFile create(Path file) throws IOException {
    return new TarFile(
        new BufferedOutputStream(
            Files.newOutputStream(file, StandardOpenOption.CREATE_NEW), 1 << 16));
  }

  /**
   * Adds a file.
   *
   * @param name of ASCII characters, at most 100
   */
  void add(String name, byte[] content) throws IOException {
    write(header(name, content.length));
    write(content);
    write(new byte[(int) padding(content.length, BLOCK)]);
  }

  private static byte[] header(String name, int bytes) {
    byte[] header = new byte[BLOCK];
    put(header, 0, name, NAME_BYTES);
    octal(header, 100, 0644, 8);
    octal(header, 108, 0, 8); // owner
    octal(header, 116, 0, 8); // group
    octal(header, 124, bytes, 12);
    octal(header, 136, 0, 12); // time
    header[156] = '0'; // a plain file
    put(header, 257, "ustar", 6);
    put(header, 263, "00", 2);
    octal(header, 329, 0, 8); // numbers of a device
    octal(header, 337, 0, 8);
    // The sum is that of a header with blanks in its own place.
    Arrays.fill(header, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES, (byte) ' ');
    int sum = 0;
    for (byte each : header) {
      sum += Byte.toUnsignedInt(each);
    }
    octal(header, CHECKSUM_AT, sum, CHECKSUM_BYTES - 1);
    return header;
  }

  private static void put(byte[] header, int at, String text, int most) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length > most) {
      throw new IllegalArgumentException("Cannot put '" + text + "' into " + most + " bytes");
    }
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /** Puts a number with leading zeros, and a zero byte after it. */
  private static void octal(byte[] header, int at, int number, int field) {
    put(header, at, String.format(Locale.ROOT, "%0" + (field - 1) + "o", number), field - 1);
    header[at + field - 1] = 0;
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    written += bytes.length;
  }

  private static long padding(long bytes, int unit) {
    return (unit - bytes % unit) % unit;
  }

  /** Writes the end of the file. */
  void finish() throws IOException {
    write(new byte[2 * BLOCK]);
    write(new byte[(int) padding(written, RECORD)]);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
