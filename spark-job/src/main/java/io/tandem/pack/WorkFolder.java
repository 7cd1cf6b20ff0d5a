package io.tandem.pack;

import io.tandem.base.UserError;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Where finished parts of a measurement are kept, so that a run that was killed repeats none of
 * them.
 *
 * <p>A file is named after its task, its samples and a digest of all that decides its content; one
 * of another content is never read, only left behind. Not thread-safe.
 */
final class WorkFolder {

  /** To be raised whenever the same identity would give other numbers. */
  private static final String VERSION = "tandem pack measurement 1";

  private static final String IDENTITY = "identity";
  private static final int DIGEST_DIGITS = 16;

  private final Path folder;
  private final Consumer<String> progress;

  private WorkFolder(Path folder, Consumer<String> progress) {
    this.folder = folder;
    this.progress = progress;
  }

  /**
   * Makes the folder if need be.
   *
   * @param progress gets a line after each part
   * @throws UserError if it cannot be made
   */
  static WorkFolder open(Path folder, Consumer<String> progress) {
    create(folder);
    return new WorkFolder(folder, progress);
  }

  static void create(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw UserError.because(
          e, "Cannot write measurements to '%s': %s (a folder is needed)", folder, e);
    }
  }

  /** Something that is computed for many samples, some consecutive ones at a time. */
  interface Task<T> {

    /** Returns what it is called in files and progress: letters, digits and {@code -}. */
    String name();

    /** Returns everything that decides the results, the samples left out. */
    String identity();

    /** Returns the result of samples {@code first} to before {@code end}. */
    T compute(long first, long end);

    /** Writes a result. */
    void write(NpzWriter npz, T part);

    /** Reads what {@link #write} wrote. */
    T read(NpzFile npz);
  }

  /**
   * Returns the results of a task on the first {@code count} samples, in order, computing those
   * that are not kept.
   *
   * @param partLength samples of a part; the last one may have fewer
   */
  <T> List<T> parts(Task<T> task, long count, int partLength) {
    List<T> parts = new ArrayList<>();
    long start = System.nanoTime();
    long computed = 0;
    for (long first = 0; first < count; first += partLength) {
      long end = Math.min(count, first + partLength);
      String identity = identity(task, first, end);
      Path file = file(task, first, end, identity);
      if (Files.exists(file)) {
        try (NpzFile npz = NpzFile.open(file)) {
          parts.add(task.read(npz));
        }
      } else {
        T part = task.compute(first, end);
        write(task, file, part, identity);
        parts.add(part);
        computed += end - first;
        double rate = computed * 1e9 / (System.nanoTime() - start);
        progress.accept(
            String.format(
                Locale.ROOT,
                "%s: %d of %d images, %.2f images/s, %.0f s left",
                task.name(),
                end,
                count,
                rate,
                (count - end) / rate));
      }
    }
    if (computed == 0) {
      progress.accept(task.name() + ": " + count + " images were measured before");
    }
    return parts;
  }

  private static String identity(Task<?> task, long first, long end) {
    return String.join(
        "\n", VERSION, task.name(), task.identity(), "samples " + first + " to " + (end - 1));
  }

  private Path file(Task<?> task, long first, long end, String identity) {
    String digest = sha256(identity).substring(0, DIGEST_DIGITS);
    return folder.resolve(task.name() + "-" + first + "-" + (end - 1) + "-" + digest + ".npz");
  }

  private static <T> void write(Task<T> task, Path file, T part, String identity) {
    byte[] text = identity.getBytes(StandardCharsets.UTF_8);
    try (NpzWriter npz = NpzWriter.create(file)) {
      npz.bytes(IDENTITY, text, text.length); // for people
      task.write(npz, part);
      npz.commit();
    }
  }

  private static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot hash a text: every JVM has SHA-256", e);
    }
  }
}
