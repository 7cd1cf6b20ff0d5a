package io.tandem.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/** Atomic files of a file system whose rename refuses a name that is taken, as HDFS does. */
final class HadoopAtomicFiles implements AtomicFiles {

  private final FileSystem system;

  /** The same files, seen by the one public way to replace by rename. */
  private final Optional<FileContext> context;

  HadoopAtomicFiles(FileSystem system) {
    this.system = system;
    context = context(system);
  }

  private static Optional<FileContext> context(FileSystem system) {
    try {
      return Optional.of(FileContext.getFileContext(system.getUri(), system.getConf()));
    } catch (UnsupportedFileSystemException | RuntimeException e) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<byte[]> read(Path file, int limit) throws IOException {
    try (FSDataInputStream in = system.open(file)) {
      byte[] content = in.readNBytes(limit + 1);
      if (content.length > limit) {
        throw new FileTooLargeException(limit);
      }
      return Optional.of(content);
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean create(Path file, byte[] content) throws IOException {
    Path temporary = written(file, content);
    boolean done = false;
    try {
      // For the file systems whose rename does not refuse.
      if (!system.exists(file)) {
        done = system.rename(temporary, file);
        if (!done && !system.exists(file)) {
          throw new IOException("'" + temporary + "' could not be renamed to '" + file + "'");
        }
      }
    } catch (FileAlreadyExistsException e) {
      done = false;
    } finally {
      if (!done) {
        discard(temporary);
      }
    }
    return done;
  }

  @Override
  public void replace(Path file, byte[] content) throws IOException {
    Path temporary = written(file, content);
    boolean done = false;
    try {
      if (context.isPresent()) {
        context.get().rename(temporary, file, Options.Rename.OVERWRITE);
      } else {
        system.delete(file, false);
        if (!system.rename(temporary, file)) {
          throw new IOException("'" + temporary + "' could not be renamed to '" + file + "'");
        }
      }
      done = true;
    } finally {
      if (!done) {
        discard(temporary);
      }
    }
  }

  @Override
  public void delete(Path file) throws IOException {
    system.delete(file, false);
  }

  private Path written(Path file, byte[] content) throws IOException {
    Path temporary = AtomicFiles.temporary(file);
    try (FSDataOutputStream out = system.create(temporary, false)) {
      out.write(content);
    } catch (IOException e) {
      discard(temporary);
      throw e;
    }
    return temporary;
  }

  /** Removes what a fault left, which must not be hidden by a second one. */
  private void discard(Path temporary) {
    try {
      system.delete(temporary, false);
    } catch (IOException e) {
      // removed with the leftovers of the run, later
    }
  }
}
