package io.tandem.table;

import io.tandem.base.UserError;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;

/** Reads the table of times of a run, batch by batch, without Spark. */
public final class LatencyTable {

  private static final List<String> COLUMNS =
      List.of(
          "batch_id",
          "batch_size",
          "images",
          "warmup",
          "concurrent_tasks",
          "threads",
          "mode",
          "scale",
          "side",
          "model",
          "prefill_tokens",
          "ns",
          "kv_bytes",
          "total_ns",
          "vae_ns",
          "encode_ns",
          "device",
          "created_at");

  /** What files of earlier versions lack. */
  private static final List<String> OF_SWEEPS = List.of("shared_scales", "share_ns");

  private LatencyTable() {}

  /**
   * Hands over all batches of {@code waves}, file by file.
   *
   * @param settings of Hadoop
   * @param run the folder of the run
   * @param waves those recorded; only files of them are read
   * @throws UserError if a file is missing or damaged
   */
  public static void read(
      Configuration settings, String run, List<RecordedWave> waves, Consumer<BatchLatency> taker) {
    for (RecordedWave wave : waves) {
      for (WrittenFile file : wave.latency()) {
        Path path = new Path(new Path(run, TableName.LATENCY.folder(wave.wave())), file.name());
        try (ParquetRows rows = ParquetRows.open(settings, path)) {
          List<String> columns = new ArrayList<>(COLUMNS);
          OF_SWEEPS.stream().filter(rows.columns()::contains).forEach(columns::add);
          batches(rows.rows(columns), taker);
        } catch (FileNotFoundException e) {
          throw UserError.because(
              e, "Cannot read '%s': a record lists it, and it is not there", path);
        } catch (IOException | RuntimeException e) {
          throw UserError.because(
              e,
              "Cannot read '%s': it is damaged (%s). tandem verify tells what else is.",
              path,
              e);
        }
      }
    }
  }

  /** Rows of a batch follow each other, by scale. */
  private static void batches(Iterator<Group> rows, Consumer<BatchLatency> taker) {
    List<Group> batch = new ArrayList<>();
    while (rows.hasNext()) {
      Group row = rows.next();
      if (!batch.isEmpty() && !goesOn(batch.get(batch.size() - 1), row)) {
        taker.accept(batch(batch));
        batch.clear();
      }
      batch.add(row);
    }
    if (!batch.isEmpty()) {
      taker.accept(batch(batch));
    }
  }

  private static boolean goesOn(Group last, Group row) {
    return last.getLong("batch_id", 0) == row.getLong("batch_id", 0)
        && last.getInteger("scale", 0) < row.getInteger("scale", 0);
  }

  private static BatchLatency batch(List<Group> rows) {
    Group first = rows.get(0);
    return new BatchLatency(
        new BatchLatency.Conditions(
            first.getString("mode", 0),
            first.getInteger("concurrent_tasks", 0),
            first.getInteger("threads", 0),
            Cell.text(first, "device").orElse("").replaceAll(":.*", ""),
            first.getInteger("batch_size", 0)),
        first.getBoolean("warmup", 0) ? BatchLatency.Phase.WARM_UP : BatchLatency.Phase.STEADY,
        first.getInteger("images", 0),
        first.getLong("created_at", 0),
        new BatchLatency.Stages(
            first.getLong("total_ns", 0),
            first.getLong("vae_ns", 0),
            first.getLong("encode_ns", 0),
            Cell.has(first, "share_ns")
                ? first.getLong("share_ns", 0)
                : first.getLong("total_ns", 0)),
        rows.stream().map(LatencyTable::scale).toList());
  }

  private static BatchLatency.Scale scale(Group row) {
    return new BatchLatency.Scale(
        row.getInteger("scale", 0),
        row.getInteger("side", 0),
        row.getString("model", 0),
        row.getInteger("prefill_tokens", 0),
        row.getLong("ns", 0),
        row.getLong("kv_bytes", 0));
  }
}
