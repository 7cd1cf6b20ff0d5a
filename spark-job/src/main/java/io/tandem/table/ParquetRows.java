package io.tandem.table;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * The rows of one Parquet file, in order, a row group in memory at a time. The checksums of the
 * pages are compared with their contents. The caller closes it; for one thread.
 */
final class ParquetRows implements Closeable {

  private final ParquetFileReader reader;

  private ParquetRows(ParquetFileReader reader) {
    this.reader = reader;
  }

  /**
   * Opens {@code file}.
   *
   * @throws RuntimeException if it is no Parquet file
   */
  static ParquetRows open(Configuration settings, Path file) throws IOException {
    return new ParquetRows(
        ParquetFileReader.open(
            HadoopInputFile.fromPath(file, settings),
            HadoopReadOptions.builder(settings).usePageChecksumVerification(true).build()));
  }

  /** Returns the keys of the footer. */
  Map<String, String> keys() {
    return reader.getFileMetaData().getKeyValueMetaData();
  }

  List<BlockMetaData> rowGroups() {
    return reader.getRowGroups();
  }

  long count() {
    return reader.getRecordCount();
  }

  ParquetFileReader reader() {
    return reader;
  }

  /** Returns the names of the columns. */
  List<String> columns() {
    return schema().getFields().stream().map(Type::getName).toList();
  }

  MessageType schema() {
    return reader.getFileMetaData().getSchema();
  }

  /**
   * Returns rows of the columns named alone, whose order is that of {@code columns}.
   *
   * @throws IllegalArgumentException if the file lacks one
   */
  Iterator<Group> rows(Collection<String> columns) {
    return new Iterator<>() {

      private int next;
      private Iterator<Group> rows = List.<Group>of().iterator();

      @Override
      public boolean hasNext() {
        while (!rows.hasNext() && next < rowGroups().size()) {
          try {
            rows = rows(next++, columns);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
        return rows.hasNext();
      }

      @Override
      public Group next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return rows.next();
      }
    };
  }

  /** Returns the same of one row group, of which no other may be read meanwhile. */
  Iterator<Group> rows(int rowGroup, Collection<String> columns) throws IOException {
    MessageType projection = projection(columns);
    reader.setRequestedSchema(projection);
    PageReadStore pages = reader.readRowGroup(rowGroup);
    MessageColumnIO columnIo =
        new ColumnIOFactory(reader.getFileMetaData().getCreatedBy())
            .getColumnIO(projection, schema());
    RecordReader<Group> records =
        columnIo.getRecordReader(pages, new GroupRecordConverter(projection));
    return IntStream.range(0, Math.toIntExact(pages.getRowCount()))
        .mapToObj(i -> records.read())
        .iterator();
  }

  private MessageType projection(Collection<String> columns) {
    MessageType schema = schema();
    List<Type> fields = new ArrayList<>();
    for (String column : columns) {
      if (!schema.containsField(column)) {
        throw new IllegalArgumentException("it has no column '" + column + "'");
      }
      fields.add(schema.getType(column));
    }
    return new MessageType(schema.getName(), fields);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
