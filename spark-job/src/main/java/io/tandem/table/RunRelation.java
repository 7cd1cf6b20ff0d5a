package io.tandem.table;

import java.util.Arrays;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.PrunedScan;
import org.apache.spark.sql.types.StructType;

/** Rows that a query takes some columns of; the others are not computed. */
final class RunRelation extends BaseRelation implements PrunedScan {

  private final SQLContext context;
  private final Dataset<Row> rows;
  private final StructType schema;

  /**
   * Makes a relation.
   *
   * @param schema of the rows, which Spark knows less exactly
   */
  RunRelation(SQLContext context, Dataset<Row> rows, StructType schema) {
    this.context = context;
    this.rows = rows;
    this.schema = schema;
  }

  @Override
  public SQLContext sqlContext() {
    return context;
  }

  @Override
  public StructType schema() {
    return schema;
  }

  @Override
  public RDD<Row> buildScan(String[] requiredColumns) {
    return rows.select(Arrays.stream(requiredColumns).map(functions::col).toArray(Column[]::new))
        .rdd();
  }
}
