package io.tandem.table;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.store.FileSystems;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.SparkSession;

/** Opens pictures as users name them. */
public final class PictureSets {

  private static final String NPZ = ".npz";

  private PictureSets() {}

  /**
   * Opens the recorded waves of a run.
   *
   * @param name what messages call it
   * @param run its folder
   * @throws UserError if it holds no pictures
   */
  public static PictureSet ofRun(
      SparkSession session, String name, String run, List<RecordedWave> waves) {
    return TablePictures.ofRun(session, name, run, waves);
  }

  /**
   * Opens a Parquet table, a folder of PNG and JPEG files, or an {@code .npz} file of ADM.
   *
   * @param path local path or URI of a file system that Hadoop knows
   * @param scratch folder that the driver and its tasks share
   * @throws UserError if it is none of these, or holds no pictures
   */
  public static PictureSet open(SparkSession session, String path, String scratch) {
    Path root;
    FileStatus status;
    FileSystem system;
    try {
      root = new Path(path);
      system = FileSystems.of(root, session.sparkContext().hadoopConfiguration());
      root = system.makeQualified(root);
      status = system.getFileStatus(root);
    } catch (FileNotFoundException e) {
      throw UserError.because(
          e,
          "Cannot read images '%s': there is no such file or folder (a run, a Parquet table, a"
              + " folder of PNG or JPEG files, or an .npz file is needed)",
          path);
    } catch (IOException | IllegalArgumentException e) {
      throw UserError.because(e, "Cannot read images '%s': %s", path, e);
    }
    if (status.isFile() && path.endsWith(NPZ)) {
      check(
          system.getUri().getScheme().equals("file"),
          "Cannot read images '%s': .npz files are read on this host alone. Copy it here.",
          path);
      return NpzPictures.open(
          session,
          java.nio.file.Path.of(URI.create("file://" + root.toUri().getRawPath())),
          scratch);
    }
    if (status.isFile()) {
      return TablePictures.open(session, path);
    }
    return ofFolder(session, path, system, root);
  }

  private static PictureSet ofFolder(
      SparkSession session, String path, FileSystem system, Path root) {
    List<FileStatus> pictures = new ArrayList<>();
    try {
      RemoteIterator<org.apache.hadoop.fs.LocatedFileStatus> files = system.listFiles(root, true);
      while (files.hasNext()) {
        FileStatus file = files.next();
        boolean isHidden = isHidden(root, file.getPath());
        if (!isHidden && file.getPath().getName().endsWith(".parquet")) {
          return TablePictures.open(session, path);
        }
        if (!isHidden && FolderPictures.isPicture(file.getPath())) {
          pictures.add(file);
        }
      }
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read images '%s': %s", path, e);
    }
    check(
        !pictures.isEmpty(),
        "Cannot read images '%s': there are no pictures in it (a run, a Parquet table, a folder of"
            + " PNG or JPEG files, or an .npz file is needed)",
        path);
    return FolderPictures.open(session, path, root, pictures);
  }

  private static boolean isHidden(Path root, Path file) {
    for (Path path = file; path != null && !path.equals(root); path = path.getParent()) {
      if (path.getName().startsWith(".") || path.getName().startsWith("_")) {
        return true;
      }
    }
    return false;
  }
}
