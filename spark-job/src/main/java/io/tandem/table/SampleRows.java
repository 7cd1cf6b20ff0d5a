package io.tandem.table;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** Reads back what a run stored of whole batches, so that they can be made again and compared. */
public final class SampleRows {

  private static final List<String> COLUMNS =
      List.of(
          "sample_index",
          "class_id",
          "seed",
          "batch_id",
          "batch_size",
          "batch_pos",
          "status",
          "pixels_sha256",
          "tokens_sha256",
          "worker");

  private SampleRows() {}

  /**
   * Returns the stored samples of all batches that hold one of {@code samples}, by batch, in the
   * order of their indexes. A batch that a longer run went on with has rows in two waves; samples
   * beyond the end of the run are in none. Reads no pictures, and only files that hold such
   * batches.
   *
   * @param run the folder of the run
   * @param waves the recorded waves
   * @param samples indexes of samples; those that no wave holds are left out
   * @param batchSize samples of a batch, the same in the whole run
   * @param unreadable files that are left out, as {@link CheckedTables#unreadable} has them
   */
  public static SortedMap<Long, List<StoredSample>> read(
      SparkSession session,
      String run,
      List<RecordedWave> waves,
      Collection<Long> samples,
      int batchSize,
      Set<String> unreadable) {
    TreeSet<Long> batches =
        samples.stream()
            .filter(sample -> waves.stream().anyMatch(wave -> holds(wave, sample, sample + 1)))
            .map(sample -> sample / batchSize)
            .collect(Collectors.toCollection(TreeSet::new));
    List<FileTask> tasks = new ArrayList<>();
    for (RecordedWave wave : waves) {
      if (batches.stream()
          .anyMatch(batch -> holds(wave, batch * batchSize, (batch + 1) * batchSize))) {
        for (WrittenFile file : wave.images()) {
          tasks.add(new FileTask(TableName.IMAGES, wave.wave(), wave.samples(), file, run));
        }
      }
    }
    tasks.removeIf(task -> unreadable.contains(task.path()));
    SortedMap<Long, List<StoredSample>> stored = new TreeMap<>();
    if (!tasks.isEmpty()) {
      List<Row> rows =
          JavaSparkContext.fromSparkContext(session.sparkContext())
              .parallelize(tasks, tasks.size())
              .flatMap(new Reader(HadoopSettings.of(session), batches))
              .collect();
      rows.stream()
          .sorted((a, b) -> Long.compare(a.getLong(0), b.getLong(0)))
          .map(SampleRows::sample)
          .forEach(
              sample ->
                  stored
                      .computeIfAbsent(sample.place().batch(), batch -> new ArrayList<>())
                      .add(sample));
    }
    return stored;
  }

  private static boolean holds(RecordedWave wave, long first, long end) {
    return wave.first() < end && first < wave.end();
  }

  private static StoredSample sample(Row row) {
    return new StoredSample(
        row.getLong(0),
        row.getInt(1),
        row.getLong(2),
        new StoredSample.Place(
            row.getInt(9),
            row.getLong(3),
            row.getInt(4),
            row.getInt(5),
            row.getString(6),
            Optional.ofNullable(row.getString(10)).orElse("")),
        Optional.ofNullable(row.getString(7)),
        Optional.ofNullable(row.getString(8)));
  }

  /** Picks the rows of some batches from a file. */
  private static final class Reader implements FlatMapFunction<FileTask, Row> {

    private static final long serialVersionUID = 1L;

    private final HadoopSettings settings;
    private final HashSet<Long> batches;

    Reader(HadoopSettings settings, Set<Long> batches) {
      this.settings = settings;
      this.batches = new HashSet<>(batches);
    }

    @Override
    public Iterator<Row> call(FileTask task) throws IOException {
      List<Row> found = new ArrayList<>();
      try (ParquetRows parquet =
          ParquetRows.open(settings.get(), new Path(task.folder(), task.path()))) {
        Iterator<Group> rows = parquet.rows(COLUMNS);
        while (rows.hasNext()) {
          Group row = rows.next();
          if (batches.contains(row.getLong("batch_id", 0))) {
            found.add(row(task, row));
          }
        }
      }
      return found.iterator();
    }

    private static Row row(FileTask task, Group row) {
      List<Object> values = new ArrayList<>();
      for (String column : COLUMNS.subList(0, COLUMNS.size() - 1)) {
        values.add(Cell.value(row, column));
      }
      values.add(task.wave());
      values.add(
          Cell.struct(row, "worker").flatMap(worker -> Cell.text(worker, "device")).orElse(null));
      return RowFactory.create(values.toArray());
    }
  }
}
