package io.tandem.job;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * The folder of a training run, held by one process at a time.
 *
 * <p>For each stage it has {@code STAGE.state.safetensors} while the stage runs, {@code
 * STAGE.safetensors} when it is finished, {@code STAGE.json} with what made these weights, and
 * pictures {@code STAGE.png} and {@code STAGE-STEP.png}; for all stages the folder {@code tokens},
 * the table {@code train} and {@code run.json} with the id of the run. A folder in which nothing
 * was stored is removed when it is closed, if this process made it.
 */
public final class TrainingFolder implements AutoCloseable {

  private static final String RUN = "run.json";
  private static final String LOCK = ".lock";
  private static final String TABLE = "train";

  private final Path folder;
  private final Deque<Path> made;
  private final FileChannel lock;
  private final boolean isNewRun;
  private final Identity identity;

  private TrainingFolder(Path folder, Deque<Path> made, FileChannel lock) {
    this.folder = folder;
    this.made = made;
    this.lock = lock;
    Path run = folder.resolve(RUN);
    isNewRun = !Files.exists(run);
    identity = isNewRun ? Identity.drawn() : Identity.read(run);
    if (isNewRun) {
      JsonFile.write(run, identity);
    }
  }

  /**
   * What tells a run from all others.
   *
   * @param runId drawn once
   * @param madeAt when
   */
  private record Identity(String runId, String madeAt) {

    private static final int BYTES = 8;

    static Identity drawn() {
      byte[] id = new byte[BYTES];
      ThreadLocalRandom.current().nextBytes(id);
      return new Identity("train-" + HexFormat.of().formatHex(id), Instant.now().toString());
    }

    static Identity read(Path file) {
      return new Identity(JsonText.of(file, "runId"), JsonText.of(file, "madeAt"));
    }
  }

  /**
   * Makes the folder if it is not there, and takes hold of it.
   *
   * @throws UserError if that cannot be, or another process has it
   */
  public static TrainingFolder open(Path folder) {
    Deque<Path> made = new ArrayDeque<>();
    try {
      make(folder.toAbsolutePath().normalize(), made);
      FileChannel lock =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (!isLocked(lock)) {
          throw UserError.of(
              "Cannot train in '%s': another process trains there. Wait for it, or choose another"
                  + " folder.",
              folder);
        }
        return new TrainingFolder(folder, made, lock);
      } catch (RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (FileAlreadyExistsException e) {
      throw UserError.because(
          e, "Cannot train in '%s': '%s' is a file (a folder is needed)", folder, e.getFile());
    } catch (IOException e) {
      throw UserError.because(
          e, "Cannot train in '%s': %s. Check the folder and its space.", folder, e);
    }
  }

  /** Makes a folder and those above it, and notes which ones are new. */
  private static void make(Path folder, Deque<Path> made) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    if (folder.getParent() != null && !Files.exists(folder)) {
      make(folder.getParent(), made);
    }
    Files.createDirectory(folder);
    made.push(folder);
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock held = channel.tryLock();
      return held != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Returns where a file of the run is. */
  public Path path(String name) {
    return folder.resolve(name);
  }

  /** Returns the id of the run, the same whenever the folder is opened. */
  public String runId() {
    return identity.runId;
  }

  /** Returns the folder of the table with a row for each step. */
  public Path table() {
    return path(TABLE);
  }

  /** Returns where the finished weights of a stage are. */
  public Path weights(String stage) {
    return path(stage + ".safetensors");
  }

  /** Returns where the state of an unfinished stage is. */
  public Path state(String stage) {
    return path(stage + ".state.safetensors");
  }

  /** Returns where it says what made the weights of a stage. */
  public Path record(String stage) {
    return path(stage + ".json");
  }

  /**
   * Writes a file, which appears complete.
   *
   * @throws UserError if it cannot be written
   */
  void write(String name, byte[] content) {
    Path file = path(name);
    try (StagedFile staged = StagedFile.beside(file)) {
      Files.write(staged.path(), content);
      staged.commit();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write '%s': %s", file, e);
    }
  }

  @Override
  public String toString() {
    return folder.toString();
  }

  /** Lets go of the folder. */
  @Override
  public void close() {
    try {
      if (isNewRun && isEmpty()) {
        for (Path each : entries(folder)) {
          Files.deleteIfExists(each);
        }
        for (Path each : made) {
          Files.deleteIfExists(each);
        }
      }
      lock.close();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot let go of '%s': %s", folder, e);
    }
  }

  /** Says whether there is nothing but what opening makes, and empty folders. */
  private boolean isEmpty() throws IOException {
    for (Path entry : entries(folder)) {
      String name = entry.getFileName().toString();
      boolean isOwn = name.equals(RUN) || name.equals(LOCK);
      boolean isEmptyFolder = Files.isDirectory(entry) && entries(entry).isEmpty();
      if (!isOwn && !isEmptyFolder) {
        return false;
      }
    }
    return true;
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }
}
