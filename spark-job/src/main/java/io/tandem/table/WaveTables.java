package io.tandem.table;

import io.tandem.table.WaveFolder.Listing;
import io.tandem.table.WaveFolder.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * The tables {@code images} and {@code latency} of a run, wave by wave: each wave has a folder of
 * its own in both, {@code images/wave=7} and {@code latency/wave=7}, where {@code wave} exists as
 * the name of the folder alone.
 *
 * <p>What is in a folder counts for nothing until the run has a record of the wave. Every write has
 * an id of its own, which is in the footer of each of its files: after a write whatever has another
 * id is removed, be it from a driver that died, or from one that writes at the same time. So the
 * files that a write returns are its own, and it is for the caller to compare their rows with the
 * wave. {@code _SUCCESS} is neither written nor read.
 *
 * <p>A writer may have been suspended for so long that another one took the run over. Therefore it
 * asks, after it has listed what it will remove, whether the run is still its own: what was listed
 * is then older than any file of a successor, whose names are others.
 *
 * <p>Thread-safe, as long as each wave is with one thread.
 */
public final class WaveTables {

  /**
   * PNG files do not get smaller, the columns beside them do. The sizes of pages and row groups are
   * looked at every few rows, since one picture may fill a page, and after a row whose image failed
   * the writer would expect ten thousand rows as small.
   */
  private static final Map<String, String> OPTIONS =
      Map.ofEntries(
          Map.entry("compression", "zstd"),
          Map.entry("parquet.block.size", Integer.toString(16 << 20)),
          Map.entry("parquet.page.size", Integer.toString(1 << 20)),
          Map.entry("parquet.page.size.row.check.min", "1"),
          Map.entry("parquet.page.size.row.check.max", "4"),
          Map.entry("parquet.page.write-checksum.enabled", "true"),
          Map.entry("parquet.enable.dictionary#image.bytes", "false"),
          Map.entry("parquet.enable.dictionary#tokens", "false"),
          Map.entry("parquet.enable.dictionary#features.features", "false"),
          Map.entry("parquet.enable.dictionary#features.logits", "false"),
          Map.entry("parquet.enable.dictionary#features.spatial", "false"),
          // Parquet 1.13 can only cut statistics short; later ones can leave them out.
          Map.entry("parquet.statistics.truncate.length", "64"),
          Map.entry("parquet.column.statistics.enabled#image.bytes", "false"),
          Map.entry("parquet.column.statistics.enabled#tokens", "false"),
          Map.entry("parquet.column.statistics.enabled#features.features", "false"),
          Map.entry("parquet.column.statistics.enabled#features.logits", "false"),
          Map.entry("parquet.column.statistics.enabled#features.spatial", "false"),
          Map.entry("parquet.writer.version", "v1"),
          Map.entry("parquet.summary.metadata.level", "NONE"),
          Map.entry("maxRecordsPerFile", "0"),
          Map.entry("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false"));

  private final SparkSession session;
  private final Path run;
  private final String runId;
  private final HadoopSettings settings;
  private final Runnable isStillOurs;

  /**
   * Opens the tables of a run that nobody else can write.
   *
   * @param session as below
   * @param run as below
   * @param runId as below
   */
  public WaveTables(SparkSession session, String run, String runId) {
    this(session, run, runId, () -> {});
  }

  /**
   * Opens the tables of a run.
   *
   * @param session settings of the file systems; the rows of a write bring their own
   * @param run the folder of the run, on any file system that Hadoop knows; made by the first write
   * @param runId goes into the footer of each file
   * @param isStillOurs passes if nobody else has taken the run over, else throws
   */
  public WaveTables(SparkSession session, String run, String runId, Runnable isStillOurs) {
    this.session = session;
    this.run = new Path(run);
    this.runId = runId;
    this.isStillOurs = isStillOurs;
    this.settings = HadoopSettings.of(session);
  }

  /**
   * Returns the rows that {@code function} makes of the numbers {@code first} to {@code end - 1} in
   * {@code partitions} tasks, each of which gets numbers that follow each other.
   */
  public static Dataset<Row> rows(
      SparkSession session,
      SampleRange batches,
      int partitions,
      MapPartitionsFunction<Long, Row> function,
      StructType schema) {
    return session
        .range(batches.first(), batches.end(), 1, partitions)
        .mapPartitions(function, Encoders.row(schema));
  }

  /**
   * Writes the images of a wave, a file for each task that has rows, and removes what other writes
   * left in its folder. Nothing is shuffled.
   *
   * @param rows at least the columns {@code sample_index bigint} and {@code status string}; a
   *     column {@code image} is a struct of {@code bytes} and {@code path}
   * @param writeId an id that no other write has
   */
  public WrittenImages writeImages(Dataset<Row> rows, int wave, String writeId) {
    write(rows, TableName.IMAGES, wave, writeId);
    Listing listing = keep(TableName.IMAGES, wave, writeId, Rows.READ);
    return new WrittenImages(
        listing.written(),
        listing.files().stream().flatMap(file -> file.samples().stream()).toList(),
        listing.files().stream().mapToLong(WaveFolder.Found::failed).sum(),
        listing.removed());
  }

  /**
   * Writes the latency of a wave from its images, into one file: a row for each batch and scale,
   * with the number of images of the batch that are in this wave. Reads no pictures, and removes
   * what other writes left in its folder.
   *
   * @param images the files of the images, as their write returned them
   * @param writeId an id that no other write has
   */
  public WrittenLatency writeLatency(List<WrittenFile> images, int wave, String writeId) {
    Path folder = new Path(run, TableName.IMAGES.folder(wave));
    List<String> files =
        images.stream().map(file -> new Path(folder, file.name()).toString()).toList();
    Dataset<Row> rows =
        session
            .createDataset(files, Encoders.STRING())
            .coalesce(1)
            .mapPartitions(new LatencyRows(settings), Encoders.row(LatencyRows.schema()));
    // The classes that stand for times depend on settings of the session; numbers do not.
    write(
        rows.withColumn("created_at", functions.expr("timestamp_micros(created_at)")),
        TableName.LATENCY,
        wave,
        writeId);
    Listing listing = keep(TableName.LATENCY, wave, writeId, Rows.COUNTED);
    return new WrittenLatency(
        listing.written(), listing.removed(), workNanos(wave, listing.written()));
  }

  /** Each batch has a row for its first scale, and its totals in all rows. */
  private long workNanos(int wave, List<WrittenFile> files) {
    Path folder = new Path(run, TableName.LATENCY.folder(wave));
    long nanos = 0;
    for (WrittenFile file : files) {
      try (ParquetRows parquet = ParquetRows.open(settings.get(), new Path(folder, file.name()))) {
        Iterator<Group> rows = parquet.rows(List.of("scale", "total_ns", "encode_ns"));
        while (rows.hasNext()) {
          Group row = rows.next();
          if (row.getInteger("scale", 0) == 1) {
            nanos += row.getLong("total_ns", 0) + row.getLong("encode_ns", 0);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return nanos;
  }

  /**
   * Removes what is in the folders of a committed wave and not in its record: a writer that was
   * only suspended may have added it since.
   *
   * @return what was removed, as paths relative to the run
   */
  public List<String> removeUnlisted(RecordedWave wave) {
    List<String> removed = new ArrayList<>();
    try {
      for (TableName table : TableName.values()) {
        Set<String> listed =
            wave.files(table).stream().map(WrittenFile::name).collect(Collectors.toSet());
        for (String name : folder(table, wave.wave()).removeAllBut(listed)) {
          removed.add(table.folder(wave.wave()) + "/" + name);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return removed;
  }

  /**
   * Removes the files that {@code writeId} left in the folders of a wave, and no others: what a
   * writer owes whoever took the run over from it.
   *
   * @return what was removed, as paths relative to the run
   */
  public List<String> removeWrite(int wave, String writeId) {
    List<String> removed = new ArrayList<>();
    try {
      for (TableName table : TableName.values()) {
        for (String name : folder(table, wave).removeAllOf(writeId)) {
          removed.add(table.folder(wave) + "/" + name);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return removed;
  }

  /**
   * Removes the folders without files that are in the folders of a wave: a task that was cancelled
   * makes them anew if it hears of it after its job has removed them. Nobody may write the wave.
   */
  public void removeEmptyFolders(int wave) {
    try {
      for (TableName table : TableName.values()) {
        folder(table, wave).removeEmptyFolders();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(Dataset<Row> rows, TableName table, int wave, String writeId) {
    rows.write()
        .format(ImageParquetFormat.class.getName())
        .mode(SaveMode.Append)
        .options(OPTIONS)
        .option(ImageParquetFormat.RUN, runId)
        .option(ImageParquetFormat.WAVE, wave)
        .option(ImageParquetFormat.WRITE, writeId)
        .save(new Path(run, table.folder(wave)).toString());
  }

  private Listing keep(TableName table, int wave, String writeId, Rows rows) {
    try {
      return folder(table, wave).keep(writeId, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private WaveFolder folder(TableName table, int wave) {
    return new WaveFolder(settings.get(), new Path(run, table.folder(wave)), isStillOurs);
  }
}
