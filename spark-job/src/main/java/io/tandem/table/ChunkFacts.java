package io.tandem.table;

import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import io.tandem.executor.FeaturesSchema;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.spark.api.java.function.Function;

/**
 * What is known of the samples of a chunk beside their features.
 *
 * @param chunk its number
 * @param classes of the usable samples, in order; −1 where it is unknown
 * @param problems samples that cannot be used
 * @param sizes how many pictures have each size
 * @param formats how many pictures come from each format
 * @param widths numbers in a feature vector, and in one of logits; 0 if no sample is usable
 * @param sha256 digest of index, class and pixels of the usable samples
 */
public record ChunkFacts(
    long chunk,
    List<Integer> classes,
    List<Problem> problems,
    Map<String, Long> sizes,
    Map<String, Long> formats,
    Widths widths,
    String sha256)
    implements Serializable {

  private static final List<String> COLUMNS =
      List.of(
          "sample", "class_id", "status", "error", "width", "height", "format", "pixels_sha256");

  /**
   * A sample that cannot be used.
   *
   * @param sample its index
   * @param status {@link FeaturesSchema#FAILED} or {@link FeaturesSchema#UNUSABLE}
   * @param error why
   */
  public record Problem(long sample, String status, String error) implements Serializable {}

  /**
   * Lengths of vectors.
   *
   * @param features of a feature vector
   * @param logits of one of logits
   */
  public record Widths(int features, int logits) implements Serializable {}

  /** Returns the number of usable samples. */
  public int usable() {
    return classes.size();
  }

  /** A file to look at. */
  record Task(long chunk, String path) implements Serializable {}

  /** Reads the facts of a chunk. */
  static final class Reader implements Function<Task, ChunkFacts> {

    private static final long serialVersionUID = 1L;

    private final HadoopSettings settings;

    Reader(HadoopSettings settings) {
      this.settings = settings;
    }

    @Override
    public ChunkFacts call(Task task) throws IOException {
      try (ParquetRows rows = ParquetRows.open(settings.get(), new Path(task.path))) {
        return facts(task.chunk, rows);
      } catch (RuntimeException e) {
        throw UserError.because(
            e, "Cannot use the features in '%s': it is damaged (%s). Remove it.", task.path, e);
      }
    }

    private static ChunkFacts facts(long chunk, ParquetRows parquet) {
      ArrayList<Integer> classes = new ArrayList<>();
      ArrayList<Problem> problems = new ArrayList<>();
      TreeMap<String, Long> sizes = new TreeMap<>();
      TreeMap<String, Long> formats = new TreeMap<>();
      MessageDigest digest = Sha256.start();
      Iterator<Group> rows = parquet.rows(COLUMNS);
      while (rows.hasNext()) {
        Group row = rows.next();
        long sample = row.getLong("sample", 0);
        String status = row.getString("status", 0);
        if (!status.equals(FeaturesSchema.OK)) {
          problems.add(new Problem(sample, status, Cell.text(row, "error").orElse("")));
          continue;
        }
        int classId = Cell.has(row, "class_id") ? row.getInteger("class_id", 0) : -1;
        classes.add(classId);
        sizes.merge(
            row.getInteger("width", 0) + " x " + row.getInteger("height", 0), 1L, Long::sum);
        formats.merge(row.getString("format", 0), 1L, Long::sum);
        String line = sample + " " + classId + " " + row.getString("pixels_sha256", 0) + "\n";
        digest.update(line.getBytes(StandardCharsets.UTF_8));
      }
      Map<String, String> keys = parquet.keys();
      return new ChunkFacts(
          chunk,
          classes,
          problems,
          sizes,
          formats,
          new Widths(
              Integer.parseInt(keys.get(ChunkWriter.FEATURES)),
              Integer.parseInt(keys.get(ChunkWriter.LOGITS))),
          Sha256.hex(digest));
    }
  }

  /** Hands over a column of vectors of the usable samples of a file. */
  static void forEachVector(ParquetRows parquet, String column, Consumer<float[]> consumer) {
    Iterator<Group> rows = parquet.rows(List.of(column));
    while (rows.hasNext()) {
      Group row = rows.next();
      if (Cell.has(row, column)) {
        var bytes = row.getBinary(column, 0).toByteBuffer().slice().order(ByteOrder.LITTLE_ENDIAN);
        float[] vector = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(vector);
        consumer.accept(vector);
      }
    }
  }
}
