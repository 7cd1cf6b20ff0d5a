package io.tandem.table;

import java.util.List;
import org.apache.parquet.example.data.Group;

/** Looks at rows of latency: times, and the order of batches and scales. */
final class LatencyRowCheck implements FileCheck.RowCheck {

  static final List<String> TOTALS = List.of("total_ns", "vae_ns", "encode_ns");

  private static final String BATCH = "batch_id";

  private final FileReport report;
  private final RangeSet batches = new RangeSet();
  private long lastBatch = -1;
  private int lastScale;

  LatencyRowCheck(FileReport report) {
    this.report = report;
  }

  /** Notes a time that cannot be. */
  static void checkTime(FileReport report, long sample, Group row, String column) {
    if (Cell.has(row, column) && row.getLong(column, 0) < 0) {
      report.foundAt(sample, "%s is %d (0 or more)".formatted(column, row.getLong(column, 0)));
    }
  }

  @Override
  public List<String> columns() {
    return List.of(BATCH, "scale", "images", "ns", "total_ns", "vae_ns", "encode_ns");
  }

  @Override
  public List<String> keys() {
    return List.of(BATCH, "scale");
  }

  @Override
  public void check(Group row) {
    skip(row);
    checkTime(report, Finding.NONE, row, "ns");
    TOTALS.forEach(column -> checkTime(report, Finding.NONE, row, column));
  }

  @Override
  public void skip(Group row) {
    long batch = row.getLong(BATCH, 0);
    int scale = row.getInteger("scale", 0);
    if (batch != lastBatch) {
      batches.add(batch);
    } else if (scale <= lastScale) {
      report.found("batch %d has scale %d after scale %d".formatted(batch, scale, lastScale));
    }
    lastBatch = batch;
    lastScale = scale;
  }

  @Override
  public void end() {
    report.ranges(List.of(), batches.ranges());
  }
}
