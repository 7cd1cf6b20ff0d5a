package io.tandem.executor;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Rows of pictures from anywhere, as {@link FeaturePartition} takes them. */
public final class PicturesSchema {

  private static final StructType SCHEMA =
      new StructType()
          .add("sample", LongType, false)
          .add("class_id", IntegerType, true)
          .add("name", StringType, false)
          .add("bytes", BinaryType, true)
          .add("width", IntegerType, true)
          .add("height", IntegerType, true)
          .add("status", StringType, false)
          .add("error", StringType, true);

  private PicturesSchema() {}

  /**
   * Returns the columns: the index of the sample; its class, null if unknown; what messages call
   * the picture; its file, or with {@code width} and {@code height} its RGB bytes; {@code ok},
   * {@code failed} for a sample that never had a picture, or {@code unusable}; and what went wrong.
   */
  public static StructType schema() {
    return SCHEMA;
  }

  /** A picture, as a row tells it. */
  record Picture(Row row) {

    long sample() {
      return row.getLong(0);
    }

    Optional<Integer> classId() {
      return row.isNullAt(1) ? Optional.empty() : Optional.of(row.getInt(1));
    }

    String name() {
      return row.getString(2);
    }

    Optional<byte[]> bytes() {
      return Optional.ofNullable(row.getAs(3));
    }

    boolean isRaw() {
      return !row.isNullAt(4);
    }

    int width() {
      return row.getInt(4);
    }

    int height() {
      return row.getInt(5);
    }

    String status() {
      return row.getString(6);
    }

    String error() {
      return row.isNullAt(7) ? "" : row.getString(7);
    }
  }
}
