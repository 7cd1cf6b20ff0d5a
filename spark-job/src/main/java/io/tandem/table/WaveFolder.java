package io.tandem.table;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;

/** The folder that the files of a wave are written to, and nobody else's are left in. */
final class WaveFolder {

  /** Files that are read at once: footers wait for the file system rather than for the CPU. */
  private static final int READERS = 8;

  private final Configuration settings;
  private final Path folder;
  private final Runnable isStillOurs;

  /** A file of this write. */
  record Found(WrittenFile file, List<SampleRange> samples, long failed) {}

  /** What is in the folder: files of this write by name, and what was removed. */
  record Listing(List<Found> files, List<String> removed) {

    List<WrittenFile> written() {
      return files.stream().map(Found::file).toList();
    }
  }

  /** Whether the indexes and states of the samples are read as well. */
  enum Rows {
    COUNTED,
    READ
  }

  private record Entry(FileStatus status, Optional<Found> ours) {}

  /**
   * Names a folder.
   *
   * @param isStillOurs asked between listing and removing; throws to prevent that
   */
  WaveFolder(Configuration settings, Path folder, Runnable isStillOurs) {
    this.settings = settings;
    this.folder = folder;
    this.isStillOurs = isStillOurs;
  }

  /** Returns whether readers of a table see a file of this name. */
  static boolean visible(String name) {
    return !name.startsWith("_") && !name.startsWith(".");
  }

  /** Keeps the files of {@code writeId}, removes all else, and returns both. */
  Listing keep(String writeId, Rows rows) throws IOException {
    List<FileStatus> entries = entries();
    List<Found> ours = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    List<Entry> read = read(entries, writeId, rows);
    isStillOurs.run();
    for (Entry entry : read) {
      if (entry.ours().isPresent()) {
        ours.add(entry.ours().get());
      } else if (files().delete(entry.status().getPath(), true)) {
        removed.add(entry.status().getPath().getName());
      }
    }
    return new Listing(ours, removed);
  }

  /** Removes the files of {@code writeId}, whose folder it is, and returns their names. */
  List<String> removeAllOf(String writeId) throws IOException {
    List<String> removed = new ArrayList<>();
    for (Entry entry : read(entries(), writeId, Rows.COUNTED)) {
      if (entry.ours().isPresent() && files().delete(entry.status().getPath(), false)) {
        removed.add(entry.status().getPath().getName());
      }
    }
    return removed;
  }

  /** Removes what has none of these names, and returns what that was. */
  List<String> removeAllBut(Set<String> names) throws IOException {
    List<String> removed = new ArrayList<>();
    List<FileStatus> entries = entries();
    isStillOurs.run();
    for (FileStatus entry : entries) {
      String name = entry.getPath().getName();
      // Checksums of Hadoop's local files belong to their files.
      boolean isChecksum =
          name.startsWith(".")
              && name.endsWith(".crc")
              && names.contains(name.substring(1, name.length() - ".crc".length()));
      if (!names.contains(name) && !isChecksum && files().delete(entry.getPath(), true)) {
        removed.add(name);
      }
    }
    return removed;
  }

  /** Removes the folders in it that hold no files, at any depth. */
  void removeEmptyFolders() throws IOException {
    for (FileStatus entry : entries()) {
      removeIfEmpty(entry);
    }
  }

  /** Returns whether {@code entry} was a folder without files, which is removed then. */
  private boolean removeIfEmpty(FileStatus entry) throws IOException {
    if (!entry.isDirectory()) {
      return false;
    }
    boolean isEmpty = true;
    for (FileStatus inner : files().listStatus(entry.getPath())) {
      isEmpty &= removeIfEmpty(inner);
    }
    return isEmpty && files().delete(entry.getPath(), false);
  }

  private List<FileStatus> entries() throws IOException {
    try {
      return Arrays.stream(files().listStatus(folder))
          .sorted(Comparator.comparing(status -> status.getPath().getName()))
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  private List<Entry> read(List<FileStatus> entries, String writeId, Rows rows) throws IOException {
    ExecutorService readers = Executors.newFixedThreadPool(READERS);
    try {
      List<Future<Entry>> read =
          entries.stream()
              .map(status -> readers.submit(() -> new Entry(status, ours(status, writeId, rows))))
              .toList();
      List<Entry> done = new ArrayList<>();
      for (Future<Entry> entry : read) {
        done.add(entry.get());
      }
      return done;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while '" + folder + "' was read", e);
    } catch (ExecutionException e) {
      throw new IOException("Cannot read '" + folder + "'", e.getCause());
    } finally {
      readers.shutdownNow();
    }
  }

  /** Returns what the file is if {@code writeId} wrote it, none for all else. */
  private Optional<Found> ours(FileStatus status, String writeId, Rows rows) {
    Path file = status.getPath();
    if (!status.isFile() || !visible(file.getName())) {
      return Optional.empty();
    }
    try (ParquetRows parquet = ParquetRows.open(settings, file)) {
      if (!writeId.equals(parquet.keys().get(ImageParquetFormat.WRITE))) {
        return Optional.empty();
      }
      String footer = Footers.sha256(settings, file, Footers.start(parquet.rowGroups()));
      WrittenFile written =
          new WrittenFile(file.getName(), status.getLen(), parquet.count(), writeId, footer);
      return Optional.of(
          rows == Rows.READ ? samples(written, parquet) : new Found(written, List.of(), 0));
    } catch (IOException | RuntimeException e) {
      // No Parquet file, or one that was cut off. One of ours would be missed by its rows.
      return Optional.empty();
    }
  }

  private static Found samples(WrittenFile file, ParquetRows parquet) {
    RangeSet samples = new RangeSet();
    long failed = 0;
    Iterator<Group> rows = parquet.rows(List.of("sample_index", "status"));
    while (rows.hasNext()) {
      Group row = rows.next();
      samples.add(row.getLong("sample_index", 0));
      if (!Cell.text(row, "status").equals(Optional.of("ok"))) {
        failed++;
      }
    }
    return new Found(file, samples.ranges(), failed);
  }

  private FileSystem files() {
    try {
      return folder.getFileSystem(settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
