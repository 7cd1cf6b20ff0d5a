package io.tandem.weights;

import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A file of any size that is read through maps of its parts.
 *
 * <p>Thread-safe. A map stays valid after {@link #close}; the system takes its memory back once the
 * buffer is garbage.
 */
final class MappedFile implements AutoCloseable {

  private static final String LEGAL = "a .pth or .safetensors file is needed";
  private static final int DIGEST_STEP = 1 << 20;

  private final String origin;
  private final FileChannel channel;
  private final long bytes;
  private String sha256 = "";

  private MappedFile(String origin, FileChannel channel, long bytes) {
    this.origin = origin;
    this.channel = channel;
    this.bytes = bytes;
  }

  /**
   * Opens the file at {@code location} for reading.
   *
   * @throws UserError if there is no such file, or it is no regular file, unreadable or empty
   */
  static MappedFile open(String location) {
    Path path = path(location);
    if (!Files.exists(path)) {
      throw Refusal.of(location, "there is no such file (%s). Check the path.", LEGAL);
    }
    if (Files.isDirectory(path)) {
      throw Refusal.of(location, "it is a directory (%s). Name a file in it.", LEGAL);
    }
    if (!Files.isRegularFile(path)) {
      throw Refusal.of(location, "it is not a regular file (%s). Copy it to a file.", LEGAL);
    }
    if (!Files.isReadable(path)) {
      throw Refusal.of(location, "reading it is not permitted (%s). Check its permissions.", LEGAL);
    }
    try {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      MappedFile file = new MappedFile(location, channel, channel.size());
      if (file.bytes == 0) {
        file.close();
        throw Refusal.of(location, "it is empty (%s). Copy or download it again.", LEGAL);
      }
      return file;
    } catch (IOException e) {
      throw unreadable(location, e);
    }
  }

  String origin() {
    return origin;
  }

  long bytes() {
    return bytes;
  }

  /** Returns a read-only little-endian map of {@code length} bytes from {@code offset} on. */
  ByteBuffer map(long offset, long length) {
    requireOpen();
    try {
      return channel
          .map(FileChannel.MapMode.READ_ONLY, offset, length)
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw unreadable(origin, e);
    }
  }

  /** Returns a little-endian copy of a few bytes, for which a map would be too much. */
  ByteBuffer copy(long offset, int length) {
    ByteBuffer copy = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    read(copy, offset);
    return copy.flip();
  }

  /** Returns the digest of the whole file in hexadecimal. */
  synchronized String sha256() {
    if (sha256.isEmpty()) {
      MessageDigest digest = Sha256.start();
      ByteBuffer step = ByteBuffer.allocate(DIGEST_STEP);
      for (long done = 0; done < bytes; done += step.limit()) {
        step.clear().limit((int) Math.min(DIGEST_STEP, bytes - done));
        read(step, done);
        digest.update(step.flip());
      }
      sha256 = Sha256.hex(digest);
    }
    return sha256;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(origin, e);
    }
  }

  private void read(ByteBuffer target, long offset) {
    requireOpen();
    try {
      long position = offset;
      while (target.hasRemaining()) {
        int count = channel.read(target, position);
        if (count < 0) {
          throw Refusal.of(origin, "it became shorter while it was read. Load it again.");
        }
        position += count;
      }
    } catch (IOException e) {
      throw unreadable(origin, e);
    }
  }

  private void requireOpen() {
    if (!channel.isOpen()) {
      throw new IllegalStateException("Cannot read '" + origin + "': it was closed");
    }
  }

  private static Path path(String location) {
    try {
      return Path.of(location);
    } catch (InvalidPathException e) {
      throw Refusal.of(Refusal.shown(location), "this is not a path (%s). Check the path.", LEGAL);
    }
  }

  private static RuntimeException unreadable(String location, IOException cause) {
    if (cause instanceof ClosedChannelException) { // by an interrupt or another thread
      return new IllegalStateException(
          "Cannot read '" + location + "': it was closed while it was read", cause);
    }
    return UserError.because(
        cause, "Cannot load weights from '%s': reading failed: %s", location, cause);
  }
}
