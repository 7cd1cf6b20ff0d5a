package io.tandem.table;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.executor.FeatureSpec;
import io.tandem.executor.PicturesSchema;
import io.tandem.image.ImageFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The PNG and JPEG files in a folder and the folders below it, on any file system of Hadoop, in the
 * order of their paths. What is hidden is passed over. Where there are folders, the one right below
 * the given one is the class of its pictures; classes are numbered in the order of their names.
 */
final class FolderPictures implements PictureSet {

  private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg");

  private final SparkSession session;
  private final String name;
  private final List<Picture> files;

  /**
   * A file.
   *
   * @param path its URI
   * @param shown its path below the folder
   * @param version length and time of change
   * @param classId −1 if it is in no folder of a class
   */
  private record Picture(String path, String shown, String version, int classId)
      implements Serializable {}

  /** Files of consecutive samples. */
  private record Chunk(long first, ArrayList<Picture> files) implements Serializable {}

  private FolderPictures(SparkSession session, String name, List<Picture> files) {
    this.session = session;
    this.name = name;
    this.files = files;
  }

  /** Lists a folder, whose pictures are not opened. */
  static FolderPictures open(SparkSession session, String name, Path folder, List<FileStatus> all) {
    String root = folder.toString();
    TreeMap<String, FileStatus> pictures = new TreeMap<>();
    SortedSet<String> classes = new TreeSet<>();
    for (FileStatus file : all) {
      String relative = file.getPath().toString().substring(root.length() + 1);
      pictures.put(relative, file);
      if (relative.contains("/")) {
        classes.add(relative.substring(0, relative.indexOf('/')));
      }
    }
    List<String> names = List.copyOf(classes);
    List<Picture> files = new ArrayList<>();
    pictures.forEach(
        (relative, file) ->
            files.add(
                new Picture(
                    file.getPath().toString(),
                    relative.replaceAll("\\p{Cntrl}", "?"),
                    file.getLen() + " " + file.getModificationTime(),
                    relative.contains("/")
                        ? Collections.binarySearch(
                            names, relative.substring(0, relative.indexOf('/')))
                        : -1)));
    return new FolderPictures(session, name, files);
  }

  /** Returns whether a file is a picture by its name. */
  static boolean isPicture(Path file) {
    String ending = file.getName().substring(file.getName().lastIndexOf('.') + 1);
    return ENDINGS.contains(ending.toLowerCase(Locale.ROOT));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long count() {
    return files.size();
  }

  @Override
  public SortedMap<Long, String> chunks() {
    SortedMap<Long, String> chunks = new TreeMap<>();
    for (int first = 0; first < files.size(); first += FeatureSpec.CHUNK) {
      List<String> lines =
          chunk(first).files().stream().map(file -> file.shown + " " + file.version).toList();
      chunks.put((long) first / FeatureSpec.CHUNK, PictureRows.fingerprint(lines));
    }
    return chunks;
  }

  private Chunk chunk(int first) {
    int end = Math.min(first + FeatureSpec.CHUNK, files.size());
    return new Chunk(first, new ArrayList<>(files.subList(first, end)));
  }

  @Override
  public Size size() {
    UserError first = null;
    for (Picture file : files.subList(0, Math.min(PictureRows.LOOKED_AT, files.size()))) {
      try {
        byte[] bytes = read(session.sparkContext().hadoopConfiguration(), file);
        return PictureRows.size(bytes, file.shown);
      } catch (UserError e) {
        first = first == null ? e : first;
      }
    }
    throw first;
  }

  @Override
  public void forEachPart(SortedSet<Long> wanted, int partitions, Consumer<Dataset<Row>> work) {
    List<Chunk> chunks =
        wanted.stream().map(number -> chunk(Math.toIntExact(number * FeatureSpec.CHUNK))).toList();
    work.accept(
        session.createDataFrame(
            JavaSparkContext.fromSparkContext(session.sparkContext())
                .parallelize(chunks, Math.min(partitions, chunks.size()))
                .flatMap(new Reader(HadoopSettings.of(session))),
            PicturesSchema.schema()));
  }

  /**
   * Returns the bytes of a file.
   *
   * @throws UserError if it is too large for a picture, or cannot be read
   */
  private static byte[] read(Configuration settings, Picture file) {
    Path path = new Path(file.path);
    try {
      FileSystem system = path.getFileSystem(settings);
      long bytes = system.getFileStatus(path).getLen();
      check(
          bytes <= ImageFile.MAX_BYTES,
          "Cannot read picture '%s': it has %d bytes (at most %d)",
          file.shown,
          bytes,
          ImageFile.MAX_BYTES);
      try (FSDataInputStream in = system.open(path)) {
        return in.readNBytes((int) bytes);
      }
    } catch (FileNotFoundException e) {
      throw UserError.because(e, "Cannot read picture '%s': there is no such file", file.shown);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read picture '%s': %s", file.shown, e);
    }
  }

  /** Reads the files of a chunk, one when it is asked for. */
  private static final class Reader implements FlatMapFunction<Chunk, Row> {

    private static final long serialVersionUID = 1L;

    private final HadoopSettings settings;

    Reader(HadoopSettings settings) {
      this.settings = settings;
    }

    @Override
    public Iterator<Row> call(Chunk chunk) {
      Iterator<Picture> files = chunk.files.iterator();
      return new Iterator<>() {

        private long sample = chunk.first;

        @Override
        public boolean hasNext() {
          return files.hasNext();
        }

        @Override
        public Row next() {
          return row(sample++, files.next());
        }
      };
    }

    private Row row(long sample, Picture file) {
      Integer classId = file.classId < 0 ? null : file.classId;
      try {
        return PictureRows.ofFile(sample, classId, file.shown, read(settings.get(), file));
      } catch (UserError e) {
        return PictureRows.unusable(sample, classId, file.shown, e.getMessage());
      }
    }
  }
}
