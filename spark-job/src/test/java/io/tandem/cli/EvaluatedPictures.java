package io.tandem.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.dataset.ShapeImages;
import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import io.tandem.model.NumberFormat;
import io.tandem.npz.NpzArrayWriter;
import io.tandem.npz.NpzWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The drawn shapes as a table, a folder and an {@code .npz} file. */
final class EvaluatedPictures {

  static final int SIDE = 16;

  private EvaluatedPictures() {}

  /** Returns pictures of side 16 with their classes in turn. */
  static List<RgbImage> shapes(long seed, int count) {
    ShapeImages shapes = ShapeImages.of(seed, SIDE, count);
    List<RgbImage> pictures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pictures.add(shapes.image(i));
    }
    return pictures;
  }

  /** Writes a table whose rows are in a shuffled order in {@code files} files. */
  static Path table(SparkSession session, Path folder, List<RgbImage> pictures, int files) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      int index = (int) (i * 7919L % pictures.size());
      rows.add(
          RowFactory.create(
              RowFactory.create(PngCodec.encode(pictures.get(index)), index + ".png"),
              index % 10,
              (long) index));
    }
    Dataset<Row> table =
        session.createDataFrame(
            rows,
            StructType.fromDDL(
                "image STRUCT<bytes: BINARY, path: STRING>, class_id INT, sample_index BIGINT"));
    table.repartition(files).write().parquet(folder.toString());
    return folder;
  }

  /** Writes files whose names are in the order of the pictures. */
  static Path folder(Path folder, List<RgbImage> pictures) throws IOException {
    Files.createDirectories(folder);
    for (int i = 0; i < pictures.size(); i++) {
      Files.write(folder.resolve("%05d.png".formatted(i)), PngCodec.encode(pictures.get(i)));
    }
    return folder;
  }

  /** Writes a sample batch of ADM. */
  static Path npz(Path file, List<RgbImage> pictures) {
    try (NpzWriter npz = NpzWriter.create(file)) {
      try (NpzArrayWriter array =
          npz.array("arr_0", NumberFormat.UINT8, pictures.size(), SIDE, SIDE, 3)) {
        pictures.forEach(picture -> array.write(ByteBuffer.wrap(picture.rgb())));
      }
      npz.commit();
    }
    return file;
  }

  /** Returns what a command wrote for machines. */
  static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read " + file, e);
    }
  }
}
