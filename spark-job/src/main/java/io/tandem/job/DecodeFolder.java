package io.tandem.job;

import io.tandem.base.Leftovers;
import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The folder that a decode writes to. All files are made in a temporary folder beside it; {@link
 * #commit} moves them in, so that nobody sees half a result.
 *
 * <p>A folder that a decode made before lists its files in {@value #RECORD}: those are replaced.
 * Other files are left alone, and are never overwritten unless that was asked for.
 */
public final class DecodeFolder implements AutoCloseable {

  /** The file that lists all others; it is written last. */
  public static final String RECORD = "decode.json";

  /** Whether files that no decode made may be replaced. */
  public enum Overwrite {
    ALLOWED,
    REFUSED
  }

  private final Path folder;
  private final Path staging;
  private final Set<String> written = new LinkedHashSet<>();
  private final Set<String> replaced;

  private DecodeFolder(Path folder, Path staging, Set<String> replaced) {
    this.folder = folder;
    this.staging = staging;
    this.replaced = replaced;
  }

  /**
   * Prepares {@code folder} for files of these names; the caller closes it.
   *
   * @throws UserError if a file of another origin would be overwritten, or nothing can be written
   */
  public static DecodeFolder open(Path folder, List<String> names, Overwrite overwrite) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw UserError.of("Cannot write images to '%s': it is a file (a folder is needed)", folder);
    }
    Set<String> replaced = DecodeRecord.filesOf(folder.resolve(RECORD));
    List<String> needed = new ArrayList<>(names);
    needed.add(RECORD);
    for (String name : needed) {
      if (overwrite == Overwrite.REFUSED
          && Files.exists(folder.resolve(name))
          && !replaced.contains(name)) {
        throw UserError.of(
            "Cannot write images to '%s': its file '%s' was not made by a decode. Pass another"
                + " --out, or --overwrite.",
            folder, name);
      }
    }
    Path absolute = folder.toAbsolutePath().normalize();
    if (absolute.getParent() == null) {
      throw UserError.of("Cannot write images to '%s': it is the root of a file system", folder);
    }
    String unique = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path staging = absolute.resolveSibling("." + absolute.getFileName() + "." + unique + ".tmp");
    Leftovers.add(staging);
    try {
      Files.createDirectories(absolute.getParent());
      Files.createDirectory(staging);
    } catch (IOException e) {
      throw failure(folder, e);
    }
    return new DecodeFolder(absolute, staging, replaced);
  }

  /** Writes a file. */
  void write(String name, byte[] content) {
    try {
      Files.write(path(name), content);
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  /** Returns where to write the file {@code name} until the commit. */
  Path path(String name) {
    written.add(name);
    return staging.resolve(name);
  }

  /** Moves all files in, the record of them last. */
  void commit(DecodeResult record) {
    write(RECORD, JsonFile.bytes(record));
    try {
      if (!Files.exists(folder)) {
        Files.move(staging, folder, StandardCopyOption.ATOMIC_MOVE);
        return;
      }
      Files.deleteIfExists(folder.resolve(RECORD));
      for (String name : replaced) {
        if (!written.contains(name)) {
          Files.deleteIfExists(folder.resolve(name));
        }
      }
      for (String name : written) {
        Files.move(
            staging.resolve(name),
            folder.resolve(name),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  /** Removes what was written unless it was committed. */
  @Override
  public void close() {
    try {
      Leftovers.remove(staging);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot remove '%s': %s", staging, e);
    }
  }

  private static UserError failure(Path folder, IOException cause) {
    return UserError.because(cause, "Cannot write images to '%s': %s", folder, cause);
  }
}
