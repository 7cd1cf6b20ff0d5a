package io.tandem.table;

import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Runs functions of executors over rows. */
public final class MapRows {

  private MapRows() {}

  /** Returns the rows of {@code schema} that {@code function} makes of each partition. */
  public static Dataset<Row> of(
      Dataset<Row> rows, MapPartitionsFunction<Row, Row> function, StructType schema) {
    return rows.mapPartitions(function, Encoders.row(schema));
  }
}
