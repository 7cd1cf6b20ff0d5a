package io.tandem.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The batches of a run as a table that its waves read, so that listeners such as OpenLineage's see
 * what a data set was made from. It holds nothing that {@code run.json} does not say; runs work
 * without it.
 *
 * @param address of the table
 */
public record BatchTable(String address) {

  private static final String BATCH = "batch_id";

  /** Returns the table of the run in a folder, which need not be there. */
  public static BatchTable in(String run) {
    return new BatchTable(run + "/_plan/batches");
  }

  /**
   * Writes all batches, in place of those that are there.
   *
   * @param batches how many
   * @param runId the run that they are of
   * @param size samples of each
   */
  public void write(SparkSession session, long batches, String runId, int size) {
    session
        .range(0, batches, 1, 1)
        .select(
            col("id").as(BATCH),
            col("id").multiply(size).as("first_sample"),
            lit(size).as("samples"),
            lit(runId).as("run_id"))
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(address);
  }

  /**
   * Returns the rows that {@code function} makes of some batches, in tasks each of which gets
   * batches that follow each other, as {@link WaveTables#rows} does without a table.
   *
   * @param batches their numbers
   * @param partitions tasks at most
   */
  public Dataset<Row> rows(
      SparkSession session,
      SampleRange batches,
      int partitions,
      MapPartitionsFunction<Long, Row> function,
      StructType schema) {
    return session
        .read()
        .parquet(address)
        .where(col(BATCH).between(batches.first(), batches.end() - 1))
        .select(BATCH)
        .repartitionByRange(partitions, col(BATCH))
        .sortWithinPartitions(BATCH)
        .as(Encoders.LONG())
        .mapPartitions(function, Encoders.row(schema));
  }
}
