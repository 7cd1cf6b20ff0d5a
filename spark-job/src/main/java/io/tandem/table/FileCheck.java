package io.tandem.table;

import io.tandem.base.Reason;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.spark.api.java.function.Function;

/**
 * Reads files to their last byte and row and tells what is wrong with them, whatever it is. Holds a
 * row group at a time.
 */
final class FileCheck implements Function<FileTask, FileReport> {

  private static final long serialVersionUID = 1L;

  private final HadoopSettings settings;
  private final ClassOfSample classes;

  FileCheck(HadoopSettings settings, ClassOfSample classes) {
    this.settings = settings;
    this.classes = classes;
  }

  @Override
  public FileReport call(FileTask task) {
    FileReport report = new FileReport(task);
    try {
      check(task, report);
    } catch (FileNotFoundException e) {
      report.found("the file is missing");
    } catch (IOException | RuntimeException e) {
      report.found("it cannot be read (%s)".formatted(Reason.of(e)));
    }
    return report;
  }

  private void check(FileTask task, FileReport report) throws IOException {
    Configuration configuration = settings.get();
    Path file = new Path(task.folder(), task.path());
    FileStatus status = file.getFileSystem(configuration).getFileStatus(file);
    if (status.getLen() != task.file().bytes()) {
      report.found(
          "it has %d bytes, its record says %d".formatted(status.getLen(), task.file().bytes()));
    }
    try (ParquetRows parquet = ParquetRows.open(configuration, file);
        FSDataInputStream in = file.getFileSystem(configuration).open(file)) {
      checkKeys(task, parquet.keys(), report);
      if (parquet.count() != task.file().rows()) {
        report.found(
            "it has %d rows, its record says %d".formatted(parquet.count(), task.file().rows()));
      }
      long start = Footers.start(parquet.rowGroups());
      if (start > status.getLen()
          || !Footers.sha256(configuration, file, start).equals(task.file().footerSha256())) {
        // What it says of sizes and positions cannot be followed.
        report.found("its footer is damaged, so that its rows cannot be read");
        return;
      }
      new Rows(report, parquet, in, rowCheck(task, report)).check();
    }
  }

  private RowCheck rowCheck(FileTask task, FileReport report) {
    return task.table() == TableName.IMAGES
        ? new ImageRowCheck(report, classes)
        : new LatencyRowCheck(report);
  }

  private static void checkKeys(FileTask task, Map<String, String> keys, FileReport report) {
    String writeId = keys.get(ImageParquetFormat.WRITE);
    if (!task.file().writeId().equals(writeId)) {
      report.found(
          "it is of write %s, its record says %s".formatted(writeId, task.file().writeId()));
    }
    String wave = keys.get(ImageParquetFormat.WAVE);
    if (!Integer.toString(task.wave()).equals(wave)) {
      report.found("it is of wave %s, its record says %d".formatted(wave, task.wave()));
    }
  }

  /** What looks at the rows of a file. */
  interface RowCheck {

    /** Returns the columns that it looks at. */
    List<String> columns();

    /** Returns the columns that tell which rows there are. */
    List<String> keys();

    void check(Group row);

    /** Takes note of a row of which only the keys could be read. */
    void skip(Group row);

    void end();
  }

  /** The pages and rows of one file. */
  private record Rows(FileReport report, ParquetRows parquet, FSDataInputStream in, RowCheck rows) {

    void check() throws IOException {
      byte[] magic = new byte[Footers.MAGIC.length];
      in.readFully(0, magic);
      if (!Arrays.equals(magic, Footers.MAGIC)) {
        report.found("its first bytes are damaged");
      }
      List<String> missing =
          rows.columns().stream().filter(column -> !parquet.columns().contains(column)).toList();
      if (!missing.isEmpty()) {
        report.found("it has no column " + String.join(", ", missing));
        return;
      }
      report.complete = true;
      long position = magic.length;
      for (int group = 0; group < parquet.rowGroups().size(); group++) {
        for (ColumnChunkMetaData chunk : parquet.rowGroups().get(group).getColumns()) {
          if (chunk.getStartingPos() != position) {
            report.found(
                "there are foreign bytes before position %d".formatted(chunk.getStartingPos()));
          }
          position = chunk.getStartingPos() + chunk.getTotalSize();
        }
        checkRowGroup(group);
      }
      rows.end();
    }

    private void checkRowGroup(int number) {
      BlockMetaData group = parquet.rowGroups().get(number);
      TreeSet<String> damaged = new TreeSet<>();
      for (ColumnChunkMetaData chunk : group.getColumns()) {
        List<String> faults = faults(chunk, group.getRowCount());
        if (!faults.isEmpty()) {
          damaged.add(chunk.getPath().toArray()[0]);
          faults.forEach(
              fault ->
                  report.found(
                      "column %s is damaged in row group %d: %s"
                          .formatted(chunk.getPath().toDotString(), number, fault)));
        }
      }
      if (!damaged.isEmpty()) {
        report.complete = false;
      }
      readRows(number, damaged);
    }

    private List<String> faults(ColumnChunkMetaData chunk, long groupRows) {
      try {
        ColumnDescriptor column = parquet.schema().getColumnDescription(chunk.getPath().toArray());
        OffsetIndex index = parquet.reader().readOffsetIndex(chunk);
        return index == null
            ? List.of("it has no index")
            : ColumnPages.faults(in, chunk, column, index, groupRows);
      } catch (IOException | RuntimeException e) {
        return List.of("its pages cannot be read (%s)".formatted(Reason.of(e)));
      }
    }

    /** Reads the rows as far as their pages are whole. */
    private void readRows(int number, TreeSet<String> damaged) {
      if (rows.keys().stream().anyMatch(damaged::contains)) {
        report.found("the rows of row group %d cannot be told".formatted(number));
        return;
      }
      try {
        // All columns, since pages without a fault may still hold what no reader can decode.
        Iterator<Group> read =
            parquet.rows(number, damaged.isEmpty() ? parquet.columns() : rows.keys());
        while (read.hasNext()) {
          Group row = read.next();
          if (damaged.isEmpty()) {
            rows.check(row);
          } else {
            rows.skip(row);
          }
        }
      } catch (IOException | RuntimeException e) {
        report.complete = false;
        report.found(
            "the rows of row group %d cannot be read (%s)".formatted(number, Reason.of(e)));
      }
    }
  }
}
