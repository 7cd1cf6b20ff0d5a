package io.tandem.table;

import io.tandem.executor.ImagesSchema;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.StorageLevel;

/**
 * Rows of a wave of several runs, made by one job and written run by run.
 *
 * <p>The first run that is read makes the rows of all of them; the executors keep them on their
 * disks, a few megabytes at a time in memory, until this is closed. Rows of an executor that died
 * meanwhile are made again, and are the same. Thread-safe.
 */
public final class GroupRows implements AutoCloseable {

  private final Dataset<Row> rows;

  private GroupRows(Dataset<Row> rows) {
    this.rows = rows;
  }

  /**
   * Keeps {@code rows} of {@link ImagesSchema#ofGroup}; nothing runs before those of a run are
   * read.
   */
  static GroupRows of(Dataset<Row> rows) {
    return new GroupRows(rows.persist(StorageLevel.DISK_ONLY()));
  }

  /** Returns the rows of a run of the group, in the order of its samples. */
  public Dataset<Row> of(int run) {
    return rows.filter(functions.col(ImagesSchema.RUN).equalTo(run)).drop(ImagesSchema.RUN);
  }

  /** Removes the rows from the disks of the executors. */
  @Override
  public void close() {
    rows.unpersist(false);
  }
}
