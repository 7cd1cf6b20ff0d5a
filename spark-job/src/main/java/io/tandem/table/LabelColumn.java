package io.tandem.table;

import static io.tandem.base.Checks.check;
import static io.tandem.table.ParquetSource.CLASS_ID;
import static io.tandem.table.ParquetSource.SAMPLE_INDEX;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import io.tandem.base.UserError;
import java.util.Iterator;
import java.util.List;
import java.util.PrimitiveIterator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The labels that a Parquet table asks for: its column {@code class_id}, an integer of 0 or more in
 * every row.
 *
 * <p>Rows are in the order of {@code sample_index} if the table has that column, then of file name,
 * then of their place in the file. Rows of images that failed count as well: they were asked for.
 */
public final class LabelColumn {

  /** Labels that the driver holds at a time, about. */
  private static final int PART_ROWS = 1 << 16;

  private static final int LABEL = 3;

  private final ParquetSource source;
  private final Dataset<Row> labels;
  private final long rows;

  private LabelColumn(ParquetSource source, Dataset<Row> labels, long rows) {
    this.source = source;
    this.labels = labels;
    this.rows = rows;
  }

  /**
   * Opens the table at {@code path} and looks at all labels once.
   *
   * @param path local path or URI of a file system that Hadoop knows, a file or a folder of files
   * @throws UserError if there is no such table, it has no rows or no column {@code class_id}, that
   *     is no integer column, or one of its values is null, negative or too large
   */
  public static LabelColumn open(SparkSession session, String path) {
    return open(session, path, PART_ROWS);
  }

  static LabelColumn open(SparkSession session, String path, int partRows) {
    ParquetSource source = ParquetSource.open(session, "labels", path);
    source.checkColumn(CLASS_ID);
    source.checkInteger(CLASS_ID);
    if (source.has(SAMPLE_INDEX)) {
      source.checkInteger(SAMPLE_INDEX);
    }
    Dataset<Row> labels =
        source
            .table()
            .select(
                source.sampleIndex(),
                source.file(),
                source.rowIndex(),
                col(CLASS_ID).cast("long").as("label"));
    checkLabels(source, labels);
    long rows = source.explained(labels::count);
    check(rows > 0, "Cannot read %s: it has no rows (one label in each is needed)", source);
    // Parts of about equal size; merging them would bring them back to one.
    SparkSession reader = labels.sparkSession();
    reader.conf().set("spark.sql.adaptive.enabled", false);
    reader.conf().set("spark.sql.shuffle.partitions", (rows + partRows - 1) / partRows);
    return new LabelColumn(source, labels, rows);
  }

  private static void checkLabels(ParquetSource source, Dataset<Row> labels) {
    Column label = col("label");
    Dataset<Row> wrong = labels.filter(label.isNull().or(not(label.between(0, Integer.MAX_VALUE))));
    List<Row> first = source.explained(() -> ordered(wrong).takeAsList(1));
    for (Row row : first) {
      throw UserError.of(
          "Cannot read %s: class_id is %s in '%s' (0 to %d is needed)",
          source, row.get(LABEL), source.position(row, 0), Integer.MAX_VALUE);
    }
  }

  private static Dataset<Row> ordered(Dataset<Row> labels) {
    return labels.orderBy(col(SAMPLE_INDEX), col("path"), col("row"));
  }

  /** Returns the number of labels, at least 1. */
  public long rows() {
    return rows;
  }

  /**
   * Returns the labels in their order. Spark sorts them in its scratch files; the driver holds some
   * ten thousand at a time.
   *
   * @throws UserError here or from the iterator, if the table cannot be read to its end
   */
  public PrimitiveIterator.OfInt labels() {
    Iterator<Row> sorted = source.explained(ordered(labels)::toLocalIterator);
    return new PrimitiveIterator.OfInt() {
      @Override
      public boolean hasNext() {
        return source.explained(sorted::hasNext);
      }

      @Override
      public int nextInt() {
        return Math.toIntExact(sorted.next().getLong(LABEL));
      }
    };
  }
}
