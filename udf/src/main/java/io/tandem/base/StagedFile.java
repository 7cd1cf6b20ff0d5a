package io.tandem.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that nobody sees before it is complete: it is written under a temporary name beside its
 * target and takes the target's name in one step.
 *
 * <pre>{@code
 * try (StagedFile file = StagedFile.beside(target)) {
 *   Files.write(file.path(), bytes);
 *   file.commit();
 * }
 * }</pre>
 *
 * <p>Closing without {@link #commit} removes what was written and leaves the target as it was.
 */
public final class StagedFile implements AutoCloseable {

  private final Path target;
  private final Path path;

  private StagedFile(Path target, Path path) {
    this.target = target;
    this.path = path;
  }

  /**
   * Returns a staged file for {@code target}; nothing exists yet under {@link #path}.
   *
   * @throws UserError if {@code target} is a directory or its folder does not exist
   */
  public static StagedFile beside(Path target) {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw UserError.of("Cannot write '%s': it is a directory (a file name is needed)", target);
    }
    if (!Files.isDirectory(folder)) {
      throw UserError.of(
          "Cannot write '%s': there is no folder '%s'. Make it first.", target, folder);
    }
    String unique = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path path = folder.resolve("." + target.getFileName() + "." + unique + ".tmp");
    Leftovers.add(path);
    return new StagedFile(target, path);
  }

  /** Returns where to write. */
  public Path path() {
    return path;
  }

  /** Gives what was written the name of the target, in place of a file that has it. */
  public void commit() throws IOException {
    Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes what was written unless it was committed. */
  @Override
  public void close() throws IOException {
    Leftovers.remove(path);
  }
}
