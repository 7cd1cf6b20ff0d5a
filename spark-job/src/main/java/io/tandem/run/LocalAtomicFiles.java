package io.tandem.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * Atomic files of this machine. Hadoop's own local file system overwrites where it should refuse,
 * so it has no part in this.
 *
 * <p>They never have the {@code .crc} files that Hadoop keeps beside local files: one that is found
 * (somebody copied the folder with Hadoop's tools) is removed before its file changes, else Hadoop
 * would call the new content damaged.
 */
final class LocalAtomicFiles implements AtomicFiles {

  /** Gives a file a second name, unless that is taken. */
  @FunctionalInterface
  interface Linking {

    void link(java.nio.file.Path name, java.nio.file.Path file) throws IOException;
  }

  private final Linking linking;

  LocalAtomicFiles() {
    this(Files::createLink);
  }

  LocalAtomicFiles(Linking linking) {
    this.linking = linking;
  }

  @Override
  public Optional<byte[]> read(Path file, int limit) throws IOException {
    try (InputStream in = Files.newInputStream(local(file))) {
      byte[] content = in.readNBytes(limit + 1);
      if (content.length > limit) {
        throw new FileTooLargeException(limit);
      }
      return Optional.of(content);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean create(Path file, byte[] content) throws IOException {
    java.nio.file.Path target = local(file);
    java.nio.file.Path temporary = written(file, content);
    try {
      linking.link(target, temporary);
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException | FileSystemException e) {
      // A disk without hard links. The name is taken first, empty, so that one alone gets it.
      return moveToNewName(temporary, target);
    } finally {
      Files.deleteIfExists(temporary);
    }
    force(target.getParent());
    return true;
  }

  private static boolean moveToNewName(java.nio.file.Path temporary, java.nio.file.Path target)
      throws IOException {
    try {
      Files.createFile(target);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    force(target.getParent());
    return true;
  }

  @Override
  public void replace(Path file, byte[] content) throws IOException {
    java.nio.file.Path temporary = written(file, content);
    try {
      Files.deleteIfExists(checksum(file));
      Files.move(temporary, local(file), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    force(local(file).getParent());
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(checksum(file));
    Files.deleteIfExists(local(file));
  }

  private static java.nio.file.Path written(Path file, byte[] content) throws IOException {
    java.nio.file.Path temporary = local(AtomicFiles.temporary(file));
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    return temporary;
  }

  /** Makes the new name outlast a loss of power, where the system can do that. */
  private static void force(java.nio.file.Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // the file is there all the same
    }
  }

  private static java.nio.file.Path checksum(Path file) {
    return local(new Path(file.getParent(), "." + file.getName() + ".crc"));
  }

  private static java.nio.file.Path local(Path file) {
    return java.nio.file.Path.of(file.toUri().getPath());
  }
}
