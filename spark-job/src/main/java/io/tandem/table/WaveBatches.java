package io.tandem.table;

import io.tandem.executor.GenerateGroupPartition;
import io.tandem.executor.GeneratePartition;
import io.tandem.executor.ImagesSchema;
import java.util.Optional;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The batches of a wave, which functions make images of.
 *
 * @param session that runs them
 * @param table that batches are read from; empty if they are counted out
 * @param batches their numbers
 * @param partitions tasks at most
 */
public record WaveBatches(
    SparkSession session, Optional<BatchTable> table, SampleRange batches, int partitions) {

  /** Returns the images of one run, which are made when they are read. */
  public WaveRows images(GeneratePartition function) {
    return () -> rows(function, ImagesSchema.schema());
  }

  /** Returns the images of several runs, which are made when the first of them is read. */
  public GroupRows images(GenerateGroupPartition function) {
    return GroupRows.of(rows(function, ImagesSchema.ofGroup()));
  }

  private Dataset<Row> rows(MapPartitionsFunction<Long, Row> function, StructType schema) {
    return table.isPresent()
        ? table.get().rows(session, batches, partitions, function, schema)
        : WaveTables.rows(session, batches, partitions, function, schema);
  }
}
