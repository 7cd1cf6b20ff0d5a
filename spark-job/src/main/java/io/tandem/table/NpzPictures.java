package io.tandem.table;

import io.tandem.base.UserError;
import io.tandem.dataset.NpzImages;
import io.tandem.executor.FeatureSpec;
import io.tandem.executor.FeaturesSchema;
import io.tandem.executor.PicturesSchema;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/**
 * The pictures of a sample batch or reference of ADM. Its rows have no index, so the driver reads
 * them one after another and puts as many as a round of tasks takes into a folder that the tasks
 * can read: one picture is in memory at a time, some hundreds are on the disk.
 */
final class NpzPictures implements PictureSet {

  private final SparkSession session;
  private final java.nio.file.Path file;
  private final Path scratch;
  private final Size size;
  private final long count;

  /** Pictures of consecutive samples in a file of their own. */
  private record Chunk(String path, long first, ArrayList<Integer> classes, Size size)
      implements Serializable {}

  private NpzPictures(
      SparkSession session, java.nio.file.Path file, Path scratch, Size size, long count) {
    this.session = session;
    this.file = file;
    this.scratch = scratch;
    this.size = size;
    this.count = count;
  }

  /**
   * Opens a file.
   *
   * @param scratch folder that the driver and its tasks share; made if need be
   * @throws UserError if it holds no pictures
   */
  static NpzPictures open(SparkSession session, java.nio.file.Path file, String scratch) {
    try (NpzImages images = NpzImages.open(file)) {
      return new NpzPictures(
          session,
          file,
          new Path(scratch),
          new Size(images.width(), images.height()),
          images.count());
    }
  }

  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public SortedMap<Long, String> chunks() {
    try {
      return PictureRows.chunks(
          count,
          PictureRows.fingerprint(
              List.of(
                  file.getFileName().toString(),
                  "" + Files.size(file),
                  "" + Files.getLastModifiedTime(file).toMillis(),
                  count + " " + size)));
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s", file, e);
    }
  }

  @Override
  public Size size() {
    return size;
  }

  @Override
  public void forEachPart(SortedSet<Long> wanted, int partitions, Consumer<Dataset<Row>> work) {
    Path folder = new Path(scratch, "_pictures-" + UUID.randomUUID());
    try {
      FileSystem system = folder.getFileSystem(session.sparkContext().hadoopConfiguration());
      try (NpzImages images = NpzImages.open(file)) {
        Optional<long[]> labels = images.labels();
        List<Chunk> round = new ArrayList<>();
        for (long chunk = 0; chunk * FeatureSpec.CHUNK < count; chunk++) {
          long first = chunk * FeatureSpec.CHUNK;
          long end = Math.min(first + FeatureSpec.CHUNK, count);
          if (wanted.contains(chunk)) {
            Path part = new Path(folder, chunk + ".rgb");
            copy(images, end - first, system, part);
            round.add(
                new Chunk(
                    part.toString(), first, new ArrayList<>(classes(labels, first, end)), size));
          } else {
            for (long sample = first; sample < end; sample++) {
              images.next();
            }
          }
          if (round.size() == partitions || (end == count && !round.isEmpty())) {
            work.accept(rows(round));
            system.delete(folder, true);
            round.clear();
          }
        }
      } finally {
        system.delete(folder, true);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot copy the pictures of '%s' to '%s': %s".formatted(file, folder, e), e);
    }
  }

  private static void copy(NpzImages images, long pictures, FileSystem system, Path part)
      throws IOException {
    try (FSDataOutputStream out = system.create(part, true)) {
      for (long i = 0; i < pictures; i++) {
        out.write(images.next().orElseThrow().rgb());
      }
    }
  }

  private static List<Integer> classes(Optional<long[]> labels, long first, long end) {
    List<Integer> classes = new ArrayList<>();
    if (labels.isPresent()) {
      for (long sample = first; sample < end; sample++) {
        classes.add(Math.toIntExact(labels.get()[Math.toIntExact(sample)]));
      }
    } else {
      for (long sample = first; sample < end; sample++) {
        classes.add(null);
      }
    }
    return classes;
  }

  private Dataset<Row> rows(List<Chunk> chunks) {
    return session.createDataFrame(
        JavaSparkContext.fromSparkContext(session.sparkContext())
            .parallelize(List.copyOf(chunks), chunks.size())
            .flatMap(new Reader(HadoopSettings.of(session))),
        PicturesSchema.schema());
  }

  /** Reads the pictures of a chunk, one when it is asked for. */
  private static final class Reader implements FlatMapFunction<Chunk, Row> {

    private static final long serialVersionUID = 1L;

    private final HadoopSettings settings;

    Reader(HadoopSettings settings) {
      this.settings = settings;
    }

    @Override
    public Iterator<Row> call(Chunk chunk) throws IOException {
      Path path = new Path(chunk.path);
      FSDataInputStream in = path.getFileSystem(settings.get()).open(path);
      byte[] picture = new byte[3 * chunk.size.width() * chunk.size.height()];
      return new Iterator<>() {

        private int at;

        @Override
        public boolean hasNext() {
          return at < chunk.classes.size();
        }

        @Override
        public Row next() {
          if (!hasNext()) {
            throw new NoSuchElementException();
          }
          try {
            in.readFully(picture);
            long sample = chunk.first + at;
            Integer classId = chunk.classes.get(at++);
            if (!hasNext()) {
              in.close();
            }
            return RowFactory.create(
                sample,
                classId,
                "picture " + sample,
                picture.clone(),
                chunk.size.width(),
                chunk.size.height(),
                FeaturesSchema.OK,
                null);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };
    }
  }
}
