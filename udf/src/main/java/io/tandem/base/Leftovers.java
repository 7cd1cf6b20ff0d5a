package io.tandem.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Temporary files and folders that must not outlive the JVM: what is still listed when it is told
 * to end, by Ctrl-C for instance, is removed. Thread-safe.
 */
public final class Leftovers {

  private static final Set<Path> PATHS = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Leftovers::removeAll, "leftovers"));
  }

  private Leftovers() {}

  /** Lists a path, which need not exist yet. */
  public static void add(Path path) {
    PATHS.add(path);
  }

  /**
   * Removes a path, with all that is in it, and takes it off the list; nothing happens where there
   * is none.
   */
  public static void remove(Path path) throws IOException {
    PATHS.remove(path);
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      files.sorted(Comparator.reverseOrder()).forEach(Leftovers::delete);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void removeAll() {
    for (Path path : PATHS) {
      try {
        remove(path);
      } catch (IOException e) {
        // nobody is left to be told
      }
    }
  }
}
