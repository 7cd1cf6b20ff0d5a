package io.tandem.npz;

import io.tandem.base.Reason;
import io.tandem.base.UserError;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Reads arrays from an {@code .npz} file, compressed or not, that nobody vouches for.
 *
 * <p>Numbers alone are read: arrays of Python objects, which would have to be executed, are an
 * error. The caller closes it. Thread-safe.
 */
public final class NpzFile implements AutoCloseable {

  /** Bytes that one array may have, so that a small compressed file cannot ask for all memory. */
  public static final int MAX_ARRAY_BYTES = 1 << 30;

  private static final String SUFFIX = ".npy";

  private final Path file;
  private final ZipFile zip;

  private NpzFile(Path file, ZipFile zip) {
    this.file = file;
    this.zip = zip;
  }

  /**
   * Opens {@code file}.
   *
   * @throws UserError if there is no such file or it is not a zip
   */
  public static NpzFile open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw UserError.of(
          "Cannot read '%s': %s (an .npz file is needed)",
          file, Files.isDirectory(file) ? "it is a directory" : "there is no such file");
    }
    try {
      return new NpzFile(file, new ZipFile(file.toFile()));
    } catch (IOException | RuntimeException e) {
      throw UserError.because(e, "Cannot read '%s': it is no .npz file (%s)", file, e);
    }
  }

  /** Returns the names of all arrays in the order of the file. */
  public List<String> names() {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.endsWith(SUFFIX))
        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
        .toList();
  }

  /**
   * Reads the array called {@code name}.
   *
   * @throws UserError if it is missing, damaged, too large, or holds anything but numbers
   */
  public NpzArray array(String name) {
    return find(name).orElseThrow(() -> missing(name));
  }

  private UserError missing(String name) {
    return UserError.of(
        "Cannot read array '%s' of '%s': there is none (it holds %s)", name, file, names());
  }

  private UserError unreadable(String name, Exception cause) {
    String found =
        cause instanceof UserError
            ? cause.getMessage()
            : "it is damaged (" + Reason.of(cause) + ")";
    return new UserError("Cannot read array '%s' of '%s': %s".formatted(name, file, found), cause);
  }

  /**
   * Opens the array called {@code name} to be read row by row, a row being what the first index
   * selects; nothing but its header is read. The caller closes it before this file.
   *
   * @throws UserError if it is missing, has no axes, holds anything but numbers, or says that it is
   *     larger than it is
   */
  public NpzRows rows(String name) {
    ZipEntry entry = zip.getEntry(name + SUFFIX);
    if (entry == null) {
      throw missing(name);
    }
    try {
      return NpzRows.open("array '%s' of '%s'".formatted(name, file), zip, entry);
    } catch (IOException | UserError | ArithmeticException e) {
      throw unreadable(name, e);
    }
  }

  /**
   * Returns the lengths of the axes of the array called {@code name}, of which nothing but the
   * header is read.
   *
   * @throws UserError if it is missing or holds anything but numbers
   */
  public List<Long> shape(String name) {
    ZipEntry entry = zip.getEntry(name + SUFFIX);
    if (entry == null) {
      throw missing(name);
    }
    try (DataInputStream in = new DataInputStream(zip.getInputStream(entry))) {
      return NpyHeader.read(in).shape();
    } catch (IOException | UserError e) {
      throw unreadable(name, e);
    }
  }

  /** Returns whether there is an array called {@code name}. */
  public boolean has(String name) {
    return zip.getEntry(name + SUFFIX) != null;
  }

  /** Reads the array called {@code name} if there is one; errors as for {@link #array}. */
  public Optional<NpzArray> find(String name) {
    ZipEntry entry = zip.getEntry(name + SUFFIX);
    if (entry == null) {
      return Optional.empty();
    }
    try (CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32())) {
      NpzArray array = read(name, in);
      // Java checks the sum of streams of a zip, but not of the entries of a file.
      if (in.getChecksum().getValue() != entry.getCrc()) {
        throw UserError.of("it is damaged (its checksum is another one)");
      }
      return Optional.of(array);
    } catch (IOException | UserError | ArithmeticException e) {
      throw unreadable(name, e);
    }
  }

  private static NpzArray read(String name, InputStream in) throws IOException {
    NpyHeader header = NpyHeader.read(new DataInputStream(in));
    long bytes = header.bytes();
    if (bytes > MAX_ARRAY_BYTES) {
      throw UserError.of("it has %d bytes (at most %d)", bytes, MAX_ARRAY_BYTES);
    }
    // Grows with what is there, so that a shape alone allocates nothing.
    byte[] numbers = in.readNBytes((int) bytes);
    if (numbers.length != bytes || in.read() >= 0) {
      throw UserError.of(
          "it has %s bytes than its shape %s needs",
          numbers.length < bytes ? "fewer" : "more", header.shape());
    }
    return new NpzArray(name, header, ByteBuffer.wrap(numbers).order(ByteOrder.LITTLE_ENDIAN));
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot close '%s': %s", file, e);
    }
  }
}
