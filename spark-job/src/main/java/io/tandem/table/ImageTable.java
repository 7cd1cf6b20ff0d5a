package io.tandem.table;

import static io.tandem.base.Checks.check;
import static io.tandem.table.ParquetSource.CLASS_ID;
import static io.tandem.table.ParquetSource.SAMPLE_INDEX;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import io.tandem.base.UserError;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A Parquet table of pictures as Spark reads it: its columns, its classes, its rows. */
final class ImageTable {

  private static final String IMAGE = "image";
  private static final String BYTES = "bytes";
  private static final String CLASS_NAME = "class_name";
  private static final String STATUS = "status";

  private final String path;
  private final ParquetSource source;

  /**
   * A row that has a picture.
   *
   * @param file the bytes of the PNG or JPEG file, none if they are not in the table
   */
  record Picture(RowPosition position, int classId, Optional<byte[]> file) {}

  private ImageTable(String path, ParquetSource source) {
    this.path = path;
    this.source = source;
  }

  /**
   * Opens the table at {@code path}, whose settings are those of {@code session}.
   *
   * @throws UserError if there is none, or it lacks a column
   */
  static ImageTable open(SparkSession session, String path) {
    ParquetSource source = ParquetSource.open(session, "data set", path);
    source.checkColumn(IMAGE);
    source.checkColumn(CLASS_ID);
    DataType image = source.table().schema().apply(IMAGE).dataType();
    check(
        bytes(image).isPresent(),
        "Cannot read %s: column 'image' is %s (binary, or a struct with a binary field 'bytes', is"
            + " needed)",
        source,
        image.catalogString());
    source.checkInteger(CLASS_ID);
    if (source.has(SAMPLE_INDEX)) {
      source.checkInteger(SAMPLE_INDEX);
    }
    return new ImageTable(path, source);
  }

  /** Returns the column that holds the files, if this is the type of such a column. */
  private static Optional<Column> bytes(DataType image) {
    if (image.equals(DataTypes.BinaryType)) {
      return Optional.of(col(IMAGE));
    }
    return image instanceof StructType struct
            && Arrays.asList(struct.fieldNames()).contains(BYTES)
            && struct.apply(BYTES).dataType().equals(DataTypes.BinaryType)
        ? Optional.of(col(IMAGE).getField(BYTES))
        : Optional.empty();
  }

  /**
   * Counts the rows of each class.
   *
   * @throws UserError if they cannot be read, or are no data set
   */
  TableClasses classes() {
    Column name = source.has(CLASS_NAME) ? col(CLASS_NAME).cast("string") : nothing();
    Column status = source.has(STATUS) ? col(STATUS).cast("string") : nothing();
    Dataset<Row> groups =
        source
            .table()
            .groupBy(usable().as("usable"), col(CLASS_ID).cast("long").as("id"))
            .agg(count(lit(1)), min(name), max(name), min(status));
    return TableClasses.of(
        path,
        source.explained(groups::collectAsList).stream()
            .map(
                row ->
                    new TableClasses.Group(
                        row.getBoolean(0),
                        Optional.ofNullable(row.<Long>getAs(1)),
                        row.getLong(2),
                        Optional.ofNullable(row.getString(3)),
                        Optional.ofNullable(row.getString(4)),
                        Optional.ofNullable(row.getString(5))))
            .toList());
  }

  /**
   * Returns the rows with pictures, in no order.
   *
   * <p>Spark hands over one part of a table at a time, and a part is at least a row group: 128 MB
   * by default, several times over. So a larger table goes through the scratch files of Spark,
   * where it is cut finer.
   *
   * @param partBytes what a part should have at most
   */
  Iterator<Picture> pictures(long partBytes) {
    Dataset<Row> table = source.table();
    Dataset<Row> pictures =
        table
            .filter(usable())
            .select(
                bytes(table.schema().apply(IMAGE).dataType()).orElseThrow().as("file"),
                col(CLASS_ID).cast("int"),
                source.sampleIndex(),
                source.file(),
                source.rowIndex());
    int parts = Math.toIntExact(source.bytes() / partBytes + 1);
    Dataset<Row> cut = parts == 1 ? pictures : pictures.repartition(parts, col("path"), col("row"));
    Iterator<Row> rows = source.explained(cut::toLocalIterator);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return source.explained(rows::hasNext);
      }

      @Override
      public Picture next() {
        return picture(rows.next());
      }
    };
  }

  private Picture picture(Row row) {
    return new Picture(
        source.position(row, 2), row.getInt(1), Optional.ofNullable(row.<byte[]>getAs(0)));
  }

  private Column usable() {
    return source.has(STATUS)
        ? coalesce(col(STATUS).cast("string").equalTo("ok"), lit(false))
        : lit(true);
  }

  private static Column nothing() {
    return lit(null).cast("string");
  }
}
