package io.tandem.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Rows of the latency table from files of images: one for each batch and scale, in their order.
 * Reads the columns that it needs and holds one batch at a time.
 *
 * <p>The rows of a batch follow each other, since one task makes all of them. Those of a batch tell
 * the same latency, each for itself unless its image failed.
 */
final class LatencyRows implements MapPartitionsFunction<String, Row> {

  private static final long serialVersionUID = 1L;

  private static final List<String> COLUMNS =
      List.of("run_id", "batch_id", "batch_size", "latency", "worker", "created_at");

  private static final List<String> SETTINGS =
      List.of("warmup", "concurrent_tasks", "threads", "mode");

  private static final List<String> SCALE =
      List.of("scale", "side", "tokens", "model", "prefill_tokens", "ns", "kv_bytes");

  private static final List<String> TOTALS =
      List.of("total_ns", "vae_ns", "encode_ns", "shared_scales", "share_ns");

  private static final List<String> WORKER = List.of("host", "executor", "device", "attempt");

  private final HadoopSettings settings;

  LatencyRows(HadoopSettings settings) {
    this.settings = settings;
  }

  /** Returns the columns of the rows; {@code created_at} is in microseconds since 1970. */
  static StructType schema() {
    return StructType.fromDDL(
        "run_id STRING, batch_id BIGINT, batch_size INT COMMENT 'samples of the batch',"
            + " images INT COMMENT 'those of them that are in this wave', warmup BOOLEAN,"
            + " concurrent_tasks INT, threads INT, mode STRING, scale INT COMMENT 'from 1',"
            + " side INT, tokens INT, model STRING, prefill_tokens INT,"
            + " ns BIGINT COMMENT 'of this scale, the whole batch', kv_bytes BIGINT,"
            + " total_ns BIGINT COMMENT 'of all scales, the decoder and the encoding',"
            + " vae_ns BIGINT, encode_ns BIGINT,"
            + " shared_scales INT COMMENT 'decoded once for several runs of a sweep',"
            + " share_ns BIGINT COMMENT 'part of total_ns that this run answers for',"
            + " host STRING, executor STRING, device STRING,"
            + " attempt BIGINT, created_at BIGINT");
  }

  @Override
  public Iterator<Row> call(Iterator<String> files) {
    Source source = new Source(files);
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> source.close());
    return new Iterator<>() {

      private Iterator<Row> rows = List.<Row>of().iterator();

      @Override
      public boolean hasNext() {
        while (!rows.hasNext() && source.hasNext()) {
          rows = batch(source);
        }
        return rows.hasNext();
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return rows.next();
      }
    };
  }

  private static Iterator<Row> batch(Source source) {
    long batch = source.peek().getLong("batch_id", 0);
    int images = 0;
    Optional<Group> measured = Optional.empty();
    while (source.hasNext() && source.peek().getLong("batch_id", 0) == batch) {
      Group row = source.next();
      images++;
      if (measured.isEmpty() && Cell.has(row, "latency")) {
        measured = Optional.of(row);
      }
    }
    List<Row> rows = new ArrayList<>();
    if (measured.isPresent()) {
      for (Group scale : Cell.structs(measured.get().getGroup("latency", 0), "scales")) {
        rows.add(row(measured.get(), scale, images));
      }
    }
    return rows.iterator();
  }

  private static Row row(Group image, Group scale, int images) {
    List<Object> values = new ArrayList<>();
    for (String column : List.of("run_id", "batch_id", "batch_size")) {
      values.add(Cell.value(image, column));
    }
    values.add(images);
    Group latency = image.getGroup("latency", 0);
    SETTINGS.forEach(column -> values.add(Cell.value(latency, column)));
    SCALE.forEach(column -> values.add(Cell.value(scale, column)));
    TOTALS.forEach(column -> values.add(Cell.value(latency, column)));
    Optional<Group> worker = Cell.struct(image, "worker");
    WORKER.forEach(
        column -> values.add(worker.map(group -> Cell.value(group, column)).orElse(null)));
    values.add(Cell.value(image, "created_at"));
    return RowFactory.create(values.toArray());
  }

  /** The rows of several files, one after the other. */
  private final class Source implements Iterator<Group> {

    private final Iterator<String> files;
    private Optional<ParquetRows> open = Optional.empty();
    private Iterator<Group> rows = List.<Group>of().iterator();
    private Optional<Group> next = Optional.empty();

    Source(Iterator<String> files) {
      this.files = files;
    }

    @Override
    public boolean hasNext() {
      while (next.isEmpty() && (rows.hasNext() || files.hasNext())) {
        if (rows.hasNext()) {
          next = Optional.of(rows.next());
        } else {
          close();
          try {
            open = Optional.of(ParquetRows.open(settings.get(), new Path(files.next())));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          rows = open.get().rows(COLUMNS);
        }
      }
      return next.isPresent();
    }

    Group peek() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return next.get();
    }

    @Override
    public Group next() {
      Group row = peek();
      next = Optional.empty();
      return row;
    }

    void close() {
      try {
        if (open.isPresent()) {
          open.get().close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
