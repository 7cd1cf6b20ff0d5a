package io.tandem.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Damages files where they lie, without the checksum files that Hadoop keeps beside them: what a
 * disk does, and what only a reader that looks for itself can find.
 */
public final class DamagedFile {

  private static final int BIT = 0x10;

  private DamagedFile() {}

  /** Changes one bit of the byte at {@code position}. */
  public static void flip(Path file, long position) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[Math.toIntExact(position)] ^= BIT;
    rewrite(file, bytes);
  }

  /** Puts {@code bytes} in the place of what the file holds. */
  public static void rewrite(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
  }
}
