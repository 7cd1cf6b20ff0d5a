package io.tandem.table;

import io.tandem.executor.FeatureSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/** Writes a file for each chunk of features and returns the numbers of the chunks. */
final class ChunkWriter implements MapPartitionsFunction<Row, Long> {

  /** Key of the footer: numbers in a feature vector. */
  static final String FEATURES = "tandem.features";

  /** Key of the footer: numbers in a vector of logits. */
  static final String LOGITS = "tandem.logits";

  private static final long serialVersionUID = 1L;

  /** Columns as {@link io.tandem.executor.FeaturesSchema} has them. */
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message features {
            required int64 sample;
            optional int32 class_id;
            required binary status (STRING);
            optional binary error (STRING);
            optional int32 width;
            optional int32 height;
            optional binary format (STRING);
            optional binary pixels_sha256 (STRING);
            optional binary features;
            optional binary logits;
            optional binary spatial;
          }
          """);

  private final HadoopSettings settings;
  private final String folder;
  private final TreeMap<Long, String> files;

  ChunkWriter(HadoopSettings settings, String folder, SortedMap<Long, String> files) {
    this.settings = settings;
    this.folder = folder;
    this.files = new TreeMap<>(files);
  }

  @Override
  public Iterator<Long> call(Iterator<Row> rows) {
    return new Iterator<>() {

      private final List<Row> chunk = new ArrayList<>();

      @Override
      public boolean hasNext() {
        return !chunk.isEmpty() || rows.hasNext();
      }

      @Override
      public Long next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Row next = chunk.isEmpty() ? rows.next() : chunk.remove(0);
        long number = numberOf(next);
        chunk.add(next);
        List<Row> complete = new ArrayList<>();
        while (rows.hasNext()) {
          Row row = rows.next();
          if (numberOf(row) != number) {
            complete.addAll(chunk);
            chunk.clear();
            chunk.add(row);
            break;
          }
          chunk.add(row);
        }
        if (complete.isEmpty()) {
          complete.addAll(chunk);
          chunk.clear();
        }
        write(number, complete);
        return number;
      }
    };
  }

  private static long numberOf(Row row) {
    return Math.floorDiv(row.getLong(0), FeatureSpec.CHUNK);
  }

  private void write(long number, List<Row> rows) {
    String file = files.get(number);
    if (file == null) {
      throw new IllegalStateException("Nobody asked for the features of chunk " + number);
    }
    MemoryFile memory = new MemoryFile();
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(memory)
            .withConf(new Configuration(false))
            .withType(SCHEMA)
            .withExtraMetaData(Map.of(FEATURES, width(rows, 8), LOGITS, width(rows, 9)))
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .withDictionaryEncoding(false)
            .withPageWriteChecksumEnabled(true)
            .build()) {
      for (Row row : rows) {
        writer.write(group(row));
      }
    } catch (IOException e) {
      throw new IllegalStateException("Cannot write features to memory", e);
    }
    put(settings.get(), new Path(folder, file), memory.bytes());
  }

  private static String width(List<Row> rows, int column) {
    return ""
        + rows.stream()
            .filter(row -> !row.isNullAt(column))
            .mapToInt(row -> row.<byte[]>getAs(column).length / Float.BYTES)
            .findFirst()
            .orElse(0);
  }

  private static Group group(Row row) {
    Group group = new SimpleGroup(SCHEMA);
    for (int i = 0; i < row.length(); i++) {
      if (row.isNullAt(i)) {
        continue;
      }
      String name = SCHEMA.getFieldName(i);
      Object value = row.get(i);
      if (value instanceof Long number) {
        group.add(name, number);
      } else if (value instanceof Integer number) {
        group.add(name, number);
      } else if (value instanceof byte[] bytes) {
        group.add(name, Binary.fromConstantByteArray(bytes));
      } else {
        group.add(name, value.toString());
      }
    }
    return group;
  }

  /** Writes a file that appears complete; of two that write the same one, the first may win. */
  static void put(Configuration settings, Path file, byte[] content) {
    Path unfinished = new Path(file.getParent(), "_" + file.getName() + "-" + UUID.randomUUID());
    try {
      FileSystem system = file.getFileSystem(settings);
      try (FSDataOutputStream out = system.create(unfinished, true)) {
        out.write(content);
      }
      if (!system.rename(unfinished, file)) {
        system.delete(unfinished, false);
        if (!system.exists(file)) {
          throw new IOException("it cannot be renamed from '" + unfinished.getName() + "'");
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("Cannot write '" + file + "': " + e, e);
    }
  }
}
