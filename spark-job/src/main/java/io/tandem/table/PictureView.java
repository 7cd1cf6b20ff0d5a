package io.tandem.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import io.tandem.base.UserError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Columns that tell a picture to another library; those of its sample follow them. */
enum PictureView {
  /**
   * The fields of Spark's image struct as columns. They come first and in this order, because the
   * vision tasks of DJL's Spark extension take them by their places.
   */
  FLATTENED {
    @Override
    StructType picture() {
      return STRUCT;
    }

    @Override
    List<Column> columns() {
      return fields();
    }
  },

  /** Spark's image struct in the column {@code image}, as {@code spark.read.format("image")}. */
  IMAGE {
    @Override
    StructType picture() {
      return new StructType().add("image", STRUCT, false);
    }

    @Override
    List<Column> columns() {
      return List.of(struct(fields().toArray(Column[]::new)).as("image"));
    }
  },

  /** An npz file of one array, float32 [3, height, width] in [0, 1], in the column {@code npz}. */
  NPZ {
    @Override
    StructType picture() {
      return new StructType().add("npz", BinaryType, false);
    }

    @Override
    List<Column> columns() {
      return List.of(PictureCell.NPZ.column().as("npz"));
    }
  };

  /** OpenCV's number for three channels of unsigned bytes, CV_8UC3. */
  private static final int MODE = 16;

  private static final int CHANNELS = 3;

  /** As {@code ImageSchema.columnSchema} of Spark ML. */
  private static final StructType STRUCT =
      new StructType()
          .add("origin", StringType, true)
          .add("height", IntegerType, false)
          .add("width", IntegerType, false)
          .add("nChannels", IntegerType, false)
          .add("mode", IntegerType, false)
          .add("data", BinaryType, false);

  private static final StructType SAMPLE =
      new StructType()
          .add("sample_index", LongType, false)
          .add("class_id", IntegerType, false)
          .add("class_name", StringType, true);

  /**
   * Returns the view that users call {@code name}.
   *
   * @throws UserError if there is none
   */
  static PictureView named(String name) {
    for (PictureView each : values()) {
      if (each.toString().equals(name)) {
        return each;
      }
    }
    throw UserError.of(
        "Cannot read a run as view '%s' (%s). Correct the option 'view'.",
        name, Arrays.stream(values()).map(PictureView::toString).collect(Collectors.joining(", ")));
  }

  /** Returns the columns of the picture. */
  abstract StructType picture();

  /** Returns the same, computed from a row of the table of images. */
  abstract List<Column> columns();

  /** Returns all columns. */
  StructType schema() {
    StructType schema = picture();
    for (StructField field : SAMPLE.fields()) {
      schema = schema.add(field);
    }
    return schema;
  }

  /** Returns all columns, computed from a row of the table of images. */
  Column[] selected() {
    List<Column> selected = new ArrayList<>(columns());
    for (StructField field : SAMPLE.fields()) {
      selected.add(column(field.name(), field.dataType()));
    }
    return selected.toArray(Column[]::new);
  }

  private static List<Column> fields() {
    return List.of(
        col("image.path").as("origin"),
        column("height", IntegerType),
        column("width", IntegerType),
        lit(CHANNELS).as("nChannels"),
        lit(MODE).as("mode"),
        PictureCell.BGR.column().as("data"));
  }

  private static Column column(String name, DataType type) {
    return col(name).cast(type).as(name);
  }

  /** Returns the name that users give. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
