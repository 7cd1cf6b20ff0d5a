package io.tandem.run;

import java.io.IOException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Small files that are there completely or not at all: each is written under a temporary name in
 * its folder and then takes its own name.
 *
 * <p>What {@link #create} and {@link #replace} promise depends on the file system:
 *
 * <ul>
 *   <li>Local files, and HDFS-like ones: both are atomic. Of two that create the same file, one
 *       succeeds; who reads while a file is replaced sees the old content or the new one.
 *   <li>File systems that cannot replace by rename (all but HDFS, more or less): to replace a file
 *       is to delete it first, so that for a moment there is only the temporary one.
 *   <li>Object stores whose rename is a copy: to create is to look first and to copy then. Of two
 *       that create the same file at the same moment both may be told that they did, and the later
 *       content stays. {@link RunLock} reads its file back for this reason, and again before each
 *       record.
 * </ul>
 *
 * <p>Thread-safe.
 */
interface AtomicFiles {

  /** Names of files that are being written, or that a dead process began. */
  Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9a-f]{16}\\.tmp");

  /** Returns the files of {@code system}. */
  static AtomicFiles of(FileSystem system) {
    return system.getUri().getScheme().equals("file")
        ? new LocalAtomicFiles()
        : new HadoopAtomicFiles(system);
  }

  /**
   * Returns the content of {@code file}, none if there is no such file.
   *
   * @throws FileTooLargeException if it is longer than {@code limit} bytes
   */
  Optional<byte[]> read(Path file, int limit) throws IOException;

  /**
   * Writes a new file.
   *
   * @return whether that was done; if not, there is a file of this name, which stays as it was
   */
  boolean create(Path file, byte[] content) throws IOException;

  /** Writes a file, in place of one that has the name. */
  void replace(Path file, byte[] content) throws IOException;

  /** Removes a file; nothing happens where there is none. */
  void delete(Path file) throws IOException;

  /** Returns a new name beside {@code file} that fits {@link #TEMPORARY}. */
  static Path temporary(Path file) {
    String unique = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    return new Path(file.getParent(), "." + file.getName() + "." + unique + ".tmp");
  }

  /** A file that is longer than anything that Tandem would have written there. */
  final class FileTooLargeException extends IOException {

    private static final long serialVersionUID = 1L;

    FileTooLargeException(int limit) {
      super("it is too large (at most " + limit + " bytes)");
    }
  }
}
