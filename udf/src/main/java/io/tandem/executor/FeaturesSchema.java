package io.tandem.executor;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import org.apache.spark.sql.types.StructType;

/** Rows of features: one for each picture, usable or not. */
public final class FeaturesSchema {

  /** A picture whose features are there. */
  public static final String OK = "ok";

  /** A sample that never had a picture. */
  public static final String FAILED = "failed";

  /** A picture that cannot be read. */
  public static final String UNUSABLE = "unusable";

  private static final StructType SCHEMA =
      new StructType()
          .add("sample", LongType, false)
          .add("class_id", IntegerType, true)
          .add("status", StringType, false)
          .add("error", StringType, true)
          .add("width", IntegerType, true)
          .add("height", IntegerType, true)
          .add("format", StringType, true)
          .add("pixels_sha256", StringType, true)
          .add("features", BinaryType, true)
          .add("logits", BinaryType, true)
          .add("spatial", BinaryType, true);

  private FeaturesSchema() {}

  /**
   * Returns the columns: the index of the sample, its class, whether it could be used, what went
   * wrong, its size in pixels, the format of its file ({@code raw} for none), the SHA-256 of its
   * RGB bytes, and of the network little-endian float32 numbers: features, logits, and the tap of
   * sFID if it was wanted.
   */
  public static StructType schema() {
    return SCHEMA;
  }
}
