package io.tandem.table;

import static org.apache.spark.sql.functions.col;

import io.tandem.image.ImageFile;
import io.tandem.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads the first pictures of a run back. */
public final class StoredPictures {

  private static final String RAW = "raw";

  private StoredPictures() {}

  /**
   * A picture of a run.
   *
   * @param image its pixels
   * @param sampleIndex index of its sample
   * @param classId its class
   * @param className name of the class, if it has one
   */
  public record Picture(
      RgbImage image, long sampleIndex, int classId, Optional<String> className) {}

  /**
   * Returns the pictures of samples 0 to {@code count - 1} that did not fail, in order.
   *
   * @param run the folder of the run
   * @param waves those recorded; only files of them are read
   */
  public static List<Picture> first(
      SparkSession session, String run, List<RecordedWave> waves, int count) {
    List<String> files = new ArrayList<>();
    for (RecordedWave wave : waves) {
      if (wave.first() < count) {
        Path folder = new Path(run, TableName.IMAGES.folder(wave.wave()));
        wave.images().stream()
            .filter(file -> file.rows() > 0)
            .forEach(file -> files.add(ParquetSource.literal(new Path(folder, file.name()))));
      }
    }
    if (files.isEmpty()) {
      return List.of();
    }
    List<Row> rows =
        session
            .read()
            .parquet(files.toArray(String[]::new))
            .filter(col("sample_index").lt(count).and(col("image").isNotNull()))
            .select(
                col("sample_index"),
                col("class_id"),
                col("class_name"),
                col("format"),
                col("width"),
                col("height"),
                col("image.bytes"))
            .orderBy("sample_index")
            .collectAsList();
    return rows.stream().map(StoredPictures::picture).toList();
  }

  private static Picture picture(Row row) {
    byte[] bytes = (byte[]) row.get(6);
    RgbImage image =
        row.getString(3).equals(RAW)
            ? RgbImage.of(row.getInt(4), row.getInt(5), bytes)
            : ImageFile.decode(bytes, "sample " + row.getLong(0));
    return new Picture(image, row.getLong(0), row.getInt(1), Optional.ofNullable(row.getString(2)));
  }
}
