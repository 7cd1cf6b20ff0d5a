package io.tandem.run;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.store.FileSystems;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The folder of a sweep, on any file system of Hadoop: {@code sweep.json}, the folder of the run of
 * each point below {@code points}, the table {@code sweep} and {@code report.html}.
 */
public final class SweepFolder {

  private static final String MANIFEST = "sweep.json";
  private static final String POINTS = "points";
  private static final String PAGE = "report.html";
  private static final int LARGEST_MANIFEST_BYTES = 16 << 20;

  private final String given;
  private final Path root;
  private final FileSystem system;
  private final AtomicFiles files;

  private SweepFolder(String out, Configuration settings) {
    given = UserInfo.hidden(out);
    root = new Path(RunFolder.address(out, settings));
    try {
      system = FileSystems.of(root, settings);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot use '%s': %s", given, e);
    }
    files = AtomicFiles.of(system);
  }

  /**
   * Opens the folder of a sweep, or the place of one that is still to be made.
   *
   * @param out path or address as the user gave it
   * @param settings of Hadoop
   * @throws UserError if nobody knows such addresses, or there are other things in it
   */
  public static SweepFolder open(String out, Configuration settings) {
    SweepFolder folder = new SweepFolder(out, settings);
    try {
      folder.checkIsOurs();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write to '%s': %s", folder, e);
    }
    return folder;
  }

  /**
   * Opens the folder of a sweep that is there, only to read it.
   *
   * @throws UserError if there is none
   */
  public static SweepFolder openToRead(String sweep, Configuration settings) {
    SweepFolder folder = new SweepFolder(sweep, settings);
    check(
        holdsSweep(sweep, settings),
        "Cannot read sweep '%s': there is no sweep.json in it (the folder that sweep wrote to is"
            + " needed)",
        folder);
    return folder;
  }

  /** Returns whether there is a sweep in {@code path}, which need not be there. */
  public static boolean holdsSweep(String path, Configuration settings) {
    try {
      Path manifest = new Path(path, MANIFEST);
      return FileSystems.of(manifest, settings).exists(manifest);
    } catch (IOException | IllegalArgumentException e) {
      return false; // whoever opens the path says what is wrong with it
    }
  }

  private void checkIsOurs() throws IOException {
    if (!system.exists(root)) {
      return;
    }
    check(
        system.getFileStatus(root).isDirectory(),
        "Cannot write to '%s': it is a file (an empty or new folder, or that of a sweep, is"
            + " needed). Choose another --out.",
        given);
    if (system.exists(new Path(root, MANIFEST))) {
      return;
    }
    for (FileStatus file : system.listStatus(root)) {
      String name = file.getPath().getName();
      check(
          AtomicFiles.TEMPORARY.matcher(name).matches(),
          "Cannot write to '%s': it is no folder of a sweep, and there is '%s' in it (an empty or"
              + " new folder, or that of a sweep, is needed). Choose another --out.",
          given,
          Shown.text(name));
    }
  }

  /**
   * Returns a name of a point that comes from a file.
   *
   * @throws IllegalArgumentException if it could lead out of the folder
   */
  static String checkedName(String name) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException("'" + Shown.text(name) + "' is no name of a point");
    }
    return name;
  }

  /** Returns the folder of the run of a point, as the user would give it. */
  public String point(String name) {
    return given.replaceFirst("/+$", "") + "/" + POINTS + "/" + name;
  }

  /**
   * Returns what {@code sweep.json} says, none if there is no such file.
   *
   * @throws UserError if it cannot be read or makes no sense
   */
  public Optional<SweepManifest> manifest() {
    Path file = new Path(root, MANIFEST);
    try {
      return files
          .read(file, LARGEST_MANIFEST_BYTES)
          .filter(content -> content.length > 0)
          .map(content -> SweepManifest.read(given + "/" + MANIFEST, content));
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s/%s': %s", given, MANIFEST, e);
    }
  }

  /** Writes {@code sweep.json}, in place of the one there is. */
  public void write(SweepManifest manifest) {
    write(MANIFEST, manifest.bytes());
  }

  /** Writes the page on the sweep, in place of the one there is, and returns where it is. */
  public String writePage(byte[] html) {
    write(PAGE, html);
    return given.replaceFirst("/+$", "") + "/" + PAGE;
  }

  private void write(String name, byte[] content) {
    try {
      system.mkdirs(root);
      files.replace(new Path(root, name), content);
    } catch (IOException e) {
      throw UserError.because(
          e,
          "Cannot write to '%s': %s. Check its permissions and its space.",
          given,
          UserInfo.hidden(String.valueOf(e.getMessage())));
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

  /** Returns the path as the user gave it, without a password. */
  @Override
  public String toString() {
    return given;
  }
}
