package io.tandem.table;

import io.tandem.dataset.ShapeImages;
import io.tandem.image.PngCodec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Tables of the drawn shapes. */
final class ImageTables {

  /** Side of the pictures. */
  static final int SIDE = 16;

  static final ShapeImages SHAPES = ShapeImages.of(7, SIDE, 1000);

  private ImageTables() {}

  /** The picture at an index, as a PNG file. */
  static byte[] png(int index) {
    return PngCodec.encode(SHAPES.image(index));
  }

  /**
   * Returns rows of the first {@code count} shapes, with the columns {@code image struct<bytes,
   * path>, class_id, class_name, sample_index}.
   */
  static Dataset<Row> shapes(SparkSession session, int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int classId = SHAPES.classId(i);
      rows.add(
          RowFactory.create(
              RowFactory.create(png(i), i + ".png"),
              classId,
              SHAPES.classNames().get(classId),
              (long) i));
    }
    return session.createDataFrame(
        rows,
        StructType.fromDDL(
            "image STRUCT<bytes: BINARY, path: STRING>, class_id INT, class_name STRING,"
                + " sample_index BIGINT"));
  }

  /** Returns a table of the given rows, in one partition. */
  static Dataset<Row> table(SparkSession session, String columns, Object[]... rows) {
    List<Row> table = new ArrayList<>();
    for (Object[] row : rows) {
      table.add(RowFactory.create(row));
    }
    return session.createDataFrame(table, StructType.fromDDL(columns)).coalesce(1);
  }

  /** Writes a table to {@code folder}. */
  static void write(Dataset<Row> table, Path folder) {
    writer(table).parquet(folder.toString());
  }

  /** Returns a writer whose row groups are small. */
  static DataFrameWriter<Row> writer(Dataset<Row> table) {
    return table
        .write()
        .option("parquet.block.size", 1 << 14)
        .option("parquet.page.size.row.check.min", 1);
  }
}
