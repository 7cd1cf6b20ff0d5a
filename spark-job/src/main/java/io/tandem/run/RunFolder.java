package io.tandem.run;

import io.tandem.base.UserError;
import io.tandem.store.FileSystems;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.functional.RemoteIterators;

/**
 * The folder of a run, on any Hadoop file system.
 *
 * <pre>
 * run.json              which run it is: {@link RunManifest}
 * status.json           how it goes: {@link RunStatus}
 * _lock                 which process makes it: {@link RunLock}
 * _waves/7.json         wave 7 is committed: {@link WaveRecord}
 * _plan/                labels of a run that has them from a table
 * images/wave=7/        the table of images, one folder per wave
 * latency/wave=7/       the table of times, likewise
 * runs/                 the table of runs
 * contact-sheet.png
 * </pre>
 *
 * <p>To open it writes nothing. The order of a start is: open, {@link RunLock#acquire}, {@link
 * #manifest} (which another process may have written meanwhile), {@link #begin} or {@link #extend}
 * or neither, waves. Closing removes the folder if this object made it and it is empty. The JSON
 * files are complete whenever they are seen, as {@link AtomicFiles} says; on local disks they have
 * no {@code .crc} files. Thread-safe.
 */
public final class RunFolder implements AutoCloseable {

  private static final String MANIFEST = "run.json";
  private static final String STATUS = "status.json";
  private static final String LOCK = "_lock";
  private static final String RECORDS = "_waves";
  private static final String WAVE = "wave=";

  /** What a start that died early may have left in a folder that is still no run. */
  private static final Pattern OF_A_START =
      Pattern.compile("_lock(-.*)?|\\._lock.*|" + AtomicFiles.TEMPORARY.pattern());

  /** A row of the table of runs, under the name that it has while it is written. */
  private static final Pattern UNFINISHED_ROW = Pattern.compile("_.*\\.parquet\\.tmp");

  /** Far longer than anybody needs to write a lock. */
  private static final long LOCK_TEMPORARY_MILLIS = 600_000;

  private static final int LARGEST_MANIFEST_BYTES = 16 << 20;
  private static final int LARGEST_STATUS_BYTES = 1 << 20;

  private final String given;
  private final Path root;
  private final FileSystem system;
  private final AtomicFiles files;

  /** Folders that this object made, innermost first. */
  private final Deque<Path> made = new ArrayDeque<>();

  /** Where it is, and how to get there. */
  private record Place(Path root, FileSystem system) {}

  private RunFolder(String given, Place place) {
    this.given = given;
    root = place.root;
    system = place.system;
    files = AtomicFiles.of(system);
  }

  /**
   * Opens the folder of a run, or the place of one that is still to be made.
   *
   * @param out path or address as the user gave it; without a scheme it is on the default file
   *     system
   * @param settings of Hadoop
   * @throws UserError if nobody knows such addresses, if there is a file or a folder with other
   *     things in it, if nothing may be written there, or if its {@code run.json} cannot be read
   */
  public static RunFolder open(String out, Configuration settings) {
    String given = UserInfo.hidden(out);
    RunFolder folder = new RunFolder(given, located("write to", out, settings));
    try {
      folder.checkIsOurs();
      folder.checkIsWritable();
    } catch (IOException e) {
      throw folder.cannotWrite(e);
    }
    return folder;
  }

  /**
   * Opens the folder of a run that is there, only to read it; it may be where nothing can be
   * written.
   *
   * @param run path or address as the user gave it
   * @param settings of Hadoop
   * @throws UserError if nobody knows such addresses, or there is no run
   */
  public static RunFolder openToRead(String run, Configuration settings) {
    RunFolder folder = new RunFolder(UserInfo.hidden(run), located("read run", run, settings));
    Optional<FileStatus> status;
    try {
      status = folder.status(folder.root);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read run '%s': %s", folder, e);
    }
    String found = "there is no run.json in it";
    if (status.isEmpty()) {
      found = "there is no such folder";
    } else if (!status.get().isDirectory()) {
      found = "it is a file";
    } else if (folder.manifest().isPresent()) {
      return folder;
    }
    throw UserError.of(
        "Cannot read run '%s': %s (the folder that generate wrote to is needed)", folder, found);
  }

  /** Returns whether there is a run in {@code path}, which need not be there. */
  public static boolean holdsRun(String path, Configuration settings) {
    try {
      Path manifest = new Path(path, MANIFEST);
      return FileSystems.of(manifest, settings).exists(manifest);
    } catch (IOException | IllegalArgumentException e) {
      // Whoever opens the path says what is wrong with it.
      return false;
    }
  }

  private static Place located(String action, String out, Configuration settings) {
    try {
      Path path = new Path(out);
      FileSystem system = FileSystems.of(path, settings);
      return new Place(system.makeQualified(path), system);
    } catch (UnsupportedFileSystemException e) {
      throw UserError.because(
          e,
          "Cannot %s '%s': Hadoop knows no file system for '%s:' (a local path, file:, hdfs:"
              + " or another one whose classes are on the class path)",
          action,
          UserInfo.hidden(out),
          new Path(out).toUri().getScheme());
    } catch (IOException | RuntimeException e) {
      throw UserError.because(
          e,
          "Cannot %s '%s': %s",
          action,
          UserInfo.hidden(out),
          UserInfo.hidden(String.valueOf(e.getMessage())));
    }
  }

  private void checkIsOurs() throws IOException {
    Optional<FileStatus> status = status(root);
    if (status.isEmpty()) {
      return;
    }
    if (!status.get().isDirectory()) {
      throw UserError.of(
          "Cannot write to '%s': it is a file (an empty or new folder, or that of a run, is"
              + " needed). Choose another --out.",
          given);
    }
    if (manifest().isPresent()) {
      return;
    }
    for (String name : names(root)) {
      if (!OF_A_START.matcher(name).matches() && !name.equals(MANIFEST)) {
        throw UserError.of(
            "Cannot write to '%s': it is no folder of a run, and there is '%s' in it (an empty or"
                + " new folder, or that of a run, is needed). Choose another --out.",
            given, Shown.text(name));
      }
    }
  }

  /** Looks at the permissions of the folder, or of the one that it is to be made in. */
  private void checkIsWritable() throws IOException {
    Path there = root;
    Optional<FileStatus> status = status(there);
    while (status.isEmpty() && there.getParent() != null) {
      there = there.getParent();
      status = status(there);
    }
    if (status.isPresent() && !status.get().isDirectory()) {
      throw UserError.of(
          "Cannot write to '%s': '%s' is a file (a folder is needed). Choose another --out.",
          given, shown(there));
    }
    boolean writable = true;
    if (system.getUri().getScheme().equals("file")) {
      java.nio.file.Path local = java.nio.file.Path.of(there.toUri().getPath());
      writable = Files.isWritable(local) && Files.isExecutable(local);
    } else if (status.isPresent()) {
      try {
        system.access(there, FsAction.WRITE_EXECUTE);
      } catch (AccessControlException e) {
        writable = false;
      }
    }
    if (!writable) {
      throw UserError.of(
          "Cannot write to '%s': no permission to write in '%s'. Choose another --out, or ask for"
              + " the permission.",
          given, shown(there));
    }
  }

  private Optional<FileStatus> status(Path path) throws IOException {
    try {
      return Optional.of(system.getFileStatus(path));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      // Below a file there is nothing, whatever HDFS calls it.
      if (String.valueOf(e.getMessage()).contains("is not a directory")) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Returns the address, with scheme, of what the user gave.
   *
   * @throws UserError if nobody knows such addresses
   */
  public static String address(String out, Configuration settings) {
    return located("write to", out, settings).root.toString();
  }

  /** Returns where labels with this digest are, relative to the folder. */
  public static String labels(String sha256) {
    return "_plan/labels-" + sha256.substring(0, 16) + ".i32";
  }

  /**
   * Copies a file of labels into the folder, unless it is there.
   *
   * @param copy on this host
   * @throws LockLostException if the folder is no longer held
   * @throws UncheckedIOException if it cannot be written
   */
  public void storeLabels(java.nio.file.Path copy, String sha256, RunLock lock) {
    lock.check();
    Path target = new Path(root, labels(sha256));
    Path part = AtomicFiles.temporary(target);
    try {
      Optional<FileStatus> there = status(target);
      if (there.isPresent() && there.get().getLen() == Files.size(copy)) {
        return;
      }
      system.delete(target, false);
      try (OutputStream out = system.create(part)) {
        Files.copy(copy, out);
      }
      if (!system.rename(part, target)) {
        throw new IOException("it could not be renamed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write '" + shown(target) + "': " + e.getMessage(), e);
    }
  }

  /** Returns the address of the folder, with scheme. */
  public Path root() {
    return root;
  }

  /** Returns the file system of the folder, which its settings belong to. */
  public FileSystem system() {
    return system;
  }

  /** Returns the table of images. */
  public Path images() {
    return new Path(root, "images");
  }

  /** Returns the folder of the images of a wave. */
  public Path images(int wave) {
    return new Path(images(), WAVE + wave);
  }

  /** Returns the table of times. */
  public Path latency() {
    return new Path(root, "latency");
  }

  /** Returns the folder of the times of a wave. */
  public Path latency(int wave) {
    return new Path(latency(), WAVE + wave);
  }

  /** Returns the table of runs. */
  public Path runs() {
    return new Path(root, "runs");
  }

  /** Returns where the contact sheet belongs. */
  public Path contactSheet() {
    return new Path(root, "contact-sheet.png");
  }

  /** Returns where the status is. */
  public Path statusFile() {
    return new Path(root, STATUS);
  }

  Path records() {
    return new Path(root, RECORDS);
  }

  Path record(int wave) {
    return new Path(records(), wave + ".json");
  }

  Path lock() {
    return new Path(root, LOCK);
  }

  /** Returns where a process says that it follows {@code owner}. */
  Path claim(String owner) {
    return new Path(root, LOCK + "-" + owner);
  }

  AtomicFiles files() {
    return files;
  }

  /** Returns how messages show a path in this folder: as it continues what the user gave. */
  public String shown(Path path) {
    String full = path.toString();
    String own = root.toString();
    return UserInfo.hidden(full.startsWith(own) ? given + full.substring(own.length()) : full);
  }

  /** Returns the path as the user gave it, without a password. */
  @Override
  public String toString() {
    return given;
  }

  /**
   * Returns what {@code run.json} says now, none if there is no run yet.
   *
   * @throws UserError if it cannot be read or makes no sense
   */
  public Optional<RunManifest> manifest() {
    Path file = new Path(root, MANIFEST);
    return readFile(file, LARGEST_MANIFEST_BYTES)
        .map(content -> RunManifest.read(shown(file), content));
  }

  /**
   * Writes {@code run.json} of a new run.
   *
   * @throws LockLostException if the folder is no longer held, or there is a run
   * @throws UncheckedIOException if it cannot be written
   */
  public void begin(RunManifest manifest, RunLock lock) {
    lock.check();
    Path file = new Path(root, MANIFEST);
    try {
      if (!addFile(file, manifest.bytes())) {
        throw new LockLostException(
            "Cannot begin a run in '%s': another process began one".formatted(given));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write '" + shown(file) + "': " + e.getMessage(), e);
    }
  }

  /**
   * Writes {@code run.json} of a run that became longer, in place of the one there is.
   *
   * @param manifest made by {@link RunManifest#extended} of the one there is
   * @throws LockLostException if the folder is no longer held
   * @throws UncheckedIOException if it cannot be written
   */
  public void extend(RunManifest manifest, RunLock lock) {
    lock.check();
    Path file = new Path(root, MANIFEST);
    try {
      files.replace(file, manifest.bytes());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write '" + shown(file) + "': " + e.getMessage(), e);
    }
  }

  /** Returns the records of the run of {@code manifest}. */
  public WaveRecords records(RunManifest manifest) {
    return new WaveRecords(this, manifest);
  }

  /**
   * Returns what {@code status.json} says, none if there is no such file.
   *
   * @throws UserError if it cannot be read or makes no sense
   */
  public Optional<RunStatus> status() {
    Path file = new Path(root, STATUS);
    return readFile(file, LARGEST_STATUS_BYTES)
        .map(content -> RunStatus.read(shown(file), content));
  }

  /**
   * Writes {@code status.json}, in place of the one there is.
   *
   * @throws UncheckedIOException if it cannot be written, which does the run no harm
   */
  public void write(RunStatus status) {
    Path file = new Path(root, STATUS);
    try {
      files.replace(file, status.bytes());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write '" + shown(file) + "': " + e.getMessage(), e);
    }
  }

  /**
   * Writes the contact sheet, in place of the one there is.
   *
   * @throws UncheckedIOException if it cannot be written, which does the run no harm
   */
  public void writeContactSheet(byte[] png) {
    try {
      files.replace(contactSheet(), png);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write '" + shown(contactSheet()) + "': " + e.getMessage(), e);
    }
  }

  /**
   * Removes the files of a wave that has no record, so that it can be made. A process that was
   * suspended while it did so removes nothing of what another one wrote meanwhile: names of data
   * files do not come twice.
   *
   * @throws LockLostException if the folder is no longer held
   * @throws IllegalStateException if the wave is committed
   * @throws UncheckedIOException if they cannot be removed
   */
  public void clear(int wave, RunLock lock) {
    lock.check();
    try {
      if (hasContent(record(wave))) {
        throw new IllegalStateException("Wave " + wave + " is committed");
      }
      for (Path table : List.of(images(wave), latency(wave))) {
        removeFiles(table, lock);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot remove what is left of wave %d in '%s': %s"
              .formatted(wave, given, e.getMessage()),
          e);
    }
  }

  /**
   * Removes the files of the images of a wave that are in a table by now, or will not be used.
   *
   * @throws LockLostException if the folder is no longer held
   * @throws UncheckedIOException if they cannot be removed
   */
  public void removeImages(int wave, RunLock lock) {
    try {
      removeFiles(images(wave), lock);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot remove the files of wave %d in '%s': %s".formatted(wave, given, e.getMessage()),
          e);
    }
  }

  private void removeFiles(Path table, RunLock lock) throws IOException {
    List<String> names = names(table);
    // Whoever holds the folder knows all that is listed; what comes after is somebody else's.
    lock.check();
    for (String name : names) {
      system.delete(new Path(table, name), true);
    }
    removeIfEmpty(table);
  }

  private void removeIfEmpty(Path path) throws IOException {
    if (status(path).isEmpty()) {
      return;
    }
    try {
      system.delete(path, false);
    } catch (IOException e) {
      // There is something in it by now.
    }
  }

  /**
   * Returns whether the files that readers of the tables see are as many, and as large, as the
   * records say: nothing is missing, and nobody who was taken for dead added any.
   *
   * @throws UserError if the tables cannot be read
   */
  public boolean holdsOnly(CommittedWaves committed) {
    FileTotal all = totals().values().stream().reduce(FileTotal.NONE, FileTotal::plus);
    return all.count() == committed.files() && all.bytes() == committed.bytes();
  }

  /**
   * Returns what readers of the tables see, by folder, as {@link #relative} has it. Lists each
   * table once, which on object stores is much less than a request for each file.
   *
   * @throws UserError if the tables cannot be read
   */
  Map<String, FileTotal> totals() {
    Map<String, FileTotal> totals = new HashMap<>();
    try {
      for (Path table : List.of(images(), latency())) {
        RemoteIterator<LocatedFileStatus> found = files(table);
        while (found.hasNext()) {
          FileStatus file = found.next();
          if (isVisible(relative(file.getPath()))) {
            totals.merge(
                relative(file.getPath().getParent()),
                FileTotal.of(file.getPath().getName(), file.getLen()),
                FileTotal::plus);
          }
        }
      }
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s", given, e);
    }
    return totals;
  }

  /**
   * Returns the length of a file, none if there is no such file.
   *
   * @throws UserError if that cannot be told
   */
  OptionalLong length(Path file) {
    try {
      return status(file).stream().mapToLong(FileStatus::getLen).findFirst();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s", shown(file), e);
    }
  }

  private RemoteIterator<LocatedFileStatus> files(Path table) throws IOException {
    return status(table).isEmpty()
        ? RemoteIterators.remoteIteratorFromIterable(List.of())
        : system.listFiles(table, true);
  }

  /** Names that begin with a dot or an underscore are hidden, and what is below them. */
  private static boolean isVisible(String relative) {
    return Stream.of(relative.split("/"))
        .noneMatch(name -> name.startsWith(".") || name.startsWith("_"));
  }

  /**
   * Returns the path of what is in the folder, from it on. Paths alone are compared: a file system
   * may list its files under an address without the name that the folder was given with.
   */
  String relative(Path file) {
    String full = file.toUri().getPath();
    String own = root.toUri().getPath();
    return full.startsWith(own) ? full.substring(own.length()).replaceFirst("^/", "") : full;
  }

  /**
   * Returns the content of a file, none if there is no such file, or one that a dead process took
   * the name for and never filled.
   *
   * @throws UserError if it cannot be read
   */
  Optional<byte[]> readFile(Path file, int limit) {
    try {
      return files.read(file, limit).filter(content -> content.length > 0);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s", shown(file), e);
    }
  }

  /**
   * Writes a new file; an empty one counts as none, for the reason above.
   *
   * @return whether that was done; if not, there is one
   */
  boolean addFile(Path file, byte[] content) throws IOException {
    system.mkdirs(file.getParent());
    if (files.create(file, content)) {
      return true;
    }
    if (hasContent(file)) {
      return false;
    }
    files.replace(file, content);
    return true;
  }

  private boolean hasContent(Path file) throws IOException {
    return status(file).filter(there -> there.getLen() > 0).isPresent();
  }

  /** Returns when a file was written, as its file system says; now if it is gone. */
  Instant modified(Path file) throws IOException {
    return status(file)
        .map(there -> Instant.ofEpochMilli(there.getModificationTime()))
        .orElseGet(Instant::now);
  }

  /** Returns the names of what is in a folder, none if there is no such folder. */
  List<String> names(Path path) {
    List<String> names = new ArrayList<>();
    try {
      RemoteIterator<FileStatus> entries = system.listStatusIterator(path);
      while (entries.hasNext()) {
        names.add(entries.next().getPath().getName());
      }
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s", shown(path), e);
    }
    return names;
  }

  /** Makes the folder, if it is not there. */
  void make() {
    try {
      makeFolders(root);
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private synchronized void makeFolders(Path folder) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path path = folder; path != null && status(path).isEmpty(); path = path.getParent()) {
      missing.push(path);
    }
    if (!system.mkdirs(folder)) {
      throw new IOException("folder '" + shown(folder) + "' could not be made");
    }
    missing.forEach(made::push);
  }

  /**
   * Removes files that dead processes began.
   *
   * @param owner holds the lock
   * @param isOfTheDead whether a temporary file of a lock was written by a process that is gone
   */
  void removeLeftovers(String owner, Predicate<Path> isOfTheDead) throws IOException {
    for (Path folder : List.of(root, records(), runs())) {
      for (String name : names(folder)) {
        boolean isClaim = name.startsWith(LOCK + "-") && !name.endsWith(owner);
        if (isClaim || isLeftover(new Path(folder, name), isOfTheDead)) {
          files.delete(new Path(folder, name));
        }
      }
    }
  }

  /** Returns whether a process holds the folder, or ended without giving it back. */
  public boolean isLocked() {
    try {
      return status(lock()).isPresent();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s", given, e);
    }
  }

  /** Returns whether there is a temporary file of {@code file}. */
  boolean isBeingWritten(Path file) {
    return names(file.getParent()).stream()
        .anyMatch(
            name ->
                name.startsWith("." + file.getName() + ".")
                    && AtomicFiles.TEMPORARY.matcher(name).matches());
  }

  /** Says whether a temporary file is dead: one of a lock may belong to who asks for it now. */
  private boolean isLeftover(Path file, Predicate<Path> isOfTheDead) throws IOException {
    if (file.getParent().equals(runs())) {
      return UNFINISHED_ROW.matcher(file.getName()).matches();
    }
    if (!AtomicFiles.TEMPORARY.matcher(file.getName()).matches()) {
      return false;
    }
    if (!file.getName().startsWith("." + LOCK)) {
      return true;
    }
    long old = System.currentTimeMillis() - LOCK_TEMPORARY_MILLIS;
    return status(file).filter(there -> there.getModificationTime() < old).isPresent()
        || isOfTheDead.test(file);
  }

  UserError cannotWrite(IOException e) {
    if (e instanceof AccessDeniedException) {
      return UserError.because(
          e,
          "Cannot write to '%s': the store refuses these credentials (%s). Choose another --out,"
              + " ask for the permission, or name other credentials, which are those of the file"
              + " system (for s3a: spark.hadoop.fs.s3a.access.key and .secret.key, or where the AWS"
              + " SDK looks).",
          given,
          UserInfo.hidden(String.valueOf(e.getMessage())));
    }
    return UserError.because(
        e,
        "Cannot write to '%s': %s. Check its permissions and its space.",
        given,
        UserInfo.hidden(String.valueOf(e.getMessage())));
  }

  /** Removes the folders that this object made and in which there is nothing. */
  @Override
  public synchronized void close() {
    try {
      while (!made.isEmpty()) {
        Path folder = made.pop();
        if (status(folder).isPresent() && names(folder).isEmpty()) {
          system.delete(folder, false);
        }
      }
    } catch (IOException e) {
      // an empty folder is as good as none
    }
  }
}
