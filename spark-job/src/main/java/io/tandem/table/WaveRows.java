package io.tandem.table;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Where the rows of a wave come from. */
@FunctionalInterface
public interface WaveRows {

  /** Returns rows of {@link io.tandem.executor.ImagesSchema}, which are made when they are read. */
  Dataset<Row> rows();
}
