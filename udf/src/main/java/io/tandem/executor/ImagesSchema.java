package io.tandem.executor;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Columns of the table of images: one row per sample, failed ones included. */
public final class ImagesSchema {

  private static final StructType IMAGE =
      struct(
          optional("bytes", BinaryType, "the file"),
          optional("path", StringType, "name of the file, <class_id>/<sample_index>.<extension>"));

  private static final StructType SCALE =
      struct(
          column("scale", IntegerType, "scale, counted from 1"),
          column("side", IntegerType, "side of its token map"),
          column("tokens", IntegerType, "tokens of the scale per image"),
          column("model", StringType, "name of the model that decoded it"),
          column("prefill_tokens", IntegerType, "tokens per image that it caught up on first"),
          column("ns", LongType, "nanoseconds of prefill, step and drawing, for the batch"),
          column("kv_bytes", LongType, "largest size of all key/value caches meanwhile"));

  private static final StructType LATENCY =
      struct(
          column("mode", StringType, "sync: execution times; launch: enqueue times; off: zeros"),
          column("warmup", BooleanType, "the first batch of a JVM with these models"),
          column("concurrent_tasks", IntegerType, "generation tasks of the JVM when it began"),
          column("threads", IntegerType, "threads of a kernel on a processor"),
          column("total_ns", LongType, "nanoseconds of decoding the batch, encoding apart"),
          column("vae_ns", LongType, "nanoseconds from feature maps to pixels, for the batch"),
          column("encode_ns", LongType, "nanoseconds from pixels to files, for the batch"),
          optional("scales", DataTypes.createArrayType(SCALE, false), "the scales, coarse to fine"),
          column(
              "shared_scales",
              IntegerType,
              "first scales that were decoded once for several runs of a sweep; their times are"
                  + " those of each of them alone"),
          column(
              "share_ns",
              LongType,
              "part of total_ns that this run answers for: work for several runs is divided among"
                  + " them"));

  private static final StructType FEATURES =
      struct(
          column("features", BinaryType, "feature vector, float32 little-endian"),
          column("logits", BinaryType, "logits of the classes, float32 little-endian"),
          optional("spatial", BinaryType, "tap of sFID, float32 little-endian"));

  private static final StructType WORKER =
      struct(
          column("host", StringType, "name of the host"),
          column("executor", StringType, "Spark's name of the executor"),
          column("device", StringType, "cpu or cuda:N"),
          column("attempt", LongType, "Spark's number of the task attempt"));

  private static final StructType SCHEMA =
      struct(
          column("run_id", StringType, "name of the run"),
          column("sample_index", LongType, "position of the sample in the run; unique"),
          column("class_id", IntegerType, "class of the sample"),
          optional("class_name", StringType, "name of the class"),
          column("seed", LongType, "seed of the run"),
          optional("image", IMAGE, "the picture; null if it failed or none is kept"),
          optional("width", IntegerType, "pixels in a row"),
          optional("height", IntegerType, "rows of pixels"),
          optional("format", StringType, "png, jpeg or raw"),
          optional("pixels_sha256", StringType, "SHA-256 of the RGB bytes, row by row"),
          optional("tokens_sha256", StringType, "SHA-256 of the column tokens"),
          column("status", StringType, "ok or failed"),
          optional("error", StringType, "why it failed"),
          column("batch_id", LongType, "batch that the sample belongs to"),
          column(
              "batch_size",
              IntegerType,
              "images that were decoded together; less than the run's after a lack of memory"),
          column("batch_pos", IntegerType, "position among the samples of batch_id"),
          optional(
              "tokens", BinaryType, "token ids, uint16 little-endian, coarse to fine, row by row"),
          column("latency", LATENCY, "times of the batch"),
          column("worker", WORKER, "who made it"),
          column("created_at", TimestampType, "when it was made"),
          optional("features", FEATURES, "what the run's feature network says of the picture"));

  private ImagesSchema() {}

  /** Returns the columns, each with a comment. */
  public static StructType schema() {
    return SCHEMA;
  }

  /** The column of {@link #ofGroup}: which run of the group a row belongs to, from 0. */
  public static final String RUN = "run";

  /** Returns the columns of runs that are made together: {@link #RUN} is the last one. */
  public static StructType ofGroup() {
    return SCHEMA.add(column(RUN, IntegerType, "number of the run in its group"));
  }

  /** Returns {@code rows} with the comments of their columns, which Spark's encoders lose. */
  public static Dataset<Row> commented(Dataset<Row> rows) {
    return rows.select(
        Arrays.stream(SCHEMA.fields())
            .map(field -> rows.col(field.name()).as(field.name(), field.metadata()))
            .toArray(Column[]::new));
  }

  private static StructType struct(StructField... fields) {
    return new StructType(fields);
  }

  private static StructField column(String name, DataType type, String comment) {
    return new StructField(name, type, false, Metadata.empty()).withComment(comment);
  }

  private static StructField optional(String name, DataType type, String comment) {
    return new StructField(name, type, true, Metadata.empty()).withComment(comment);
  }
}
