package io.tandem.table;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.mapreduce.Job;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.types.StructType;

/**
 * Spark's Parquet files with further keys in their footers: the format of {@code
 * write().format(ImageParquetFormat.class.getName())}.
 *
 * <p>The write options {@value #RUN}, {@value #WAVE} and {@value #WRITE} become footer keys, each
 * if it is given. A table with a column {@code image} gets the key {@value #HUGGING_FACE} as well,
 * by which the library {@code datasets} takes that column for pictures. Timestamps are microseconds
 * of UTC and lists have the standard layout, whatever the session says.
 *
 * <p>The only class here that knows the inside of Spark: a format and its write support are open to
 * subclasses, and Delta Lake builds on the same place.
 */
public final class ImageParquetFormat extends ParquetFileFormat {

  private static final long serialVersionUID = 1L;

  /** The run that a file is of. */
  static final String RUN = "tandem.run";

  /** The wave that a file is of. */
  static final String WAVE = "tandem.wave";

  /** One attempt to write a wave: files of another attempt have another id. */
  static final String WRITE = "tandem.write";

  static final String HUGGING_FACE = "huggingface";

  /** Names the image column alone: other columns are taken as their types say. */
  private static final String FEATURES =
      "{\"info\":{\"features\":{\"image\":{\"_type\":\"Image\"}}}}";

  private static final String IMAGE = "image";

  @Override
  public OutputWriterFactory prepareWrite(
      SparkSession session,
      Job job,
      scala.collection.immutable.Map<String, String> options,
      StructType schema) {
    OutputWriterFactory factory = super.prepareWrite(session, job, options, schema);
    ParquetOutputFormat.setWriteSupportClass(job, FooterKeys.class);
    Configuration settings = job.getConfiguration();
    settings.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
    settings.set("spark.sql.parquet.writeLegacyFormat", "false");
    return factory;
  }

  /** Spark's rows with the footer keys of the write. Made by Parquet from its name. */
  public static final class FooterKeys extends ParquetWriteSupport {

    @Override
    public WriteSupport.WriteContext init(Configuration settings) {
      WriteSupport.WriteContext context = super.init(settings);
      Map<String, String> keys = new HashMap<>(context.getExtraMetaData());
      for (String key : List.of(RUN, WAVE, WRITE)) {
        String value = settings.get(key);
        if (value != null) {
          keys.put(key, value);
        }
      }
      if (context.getSchema().containsField(IMAGE)) {
        keys.put(HUGGING_FACE, FEATURES);
      }
      return new WriteSupport.WriteContext(context.getSchema(), keys);
    }
  }
}
