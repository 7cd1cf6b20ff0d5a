package io.tandem.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
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
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.sql.SparkSession;

/**
 * The table {@code runs} of a run: a row for each start that came to its end, each in a small
 * Parquet file of its own, named by the time of the start.
 *
 * <p>Columns: those of {@link RunRow}, and {@code conf}, the settings of Spark as its own rule
 * shows them.
 */
public final class RunsTable {

  private static final String FOLDER = "runs";

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message runs {
            required binary run_id (STRING);
            required int64 started_at (TIMESTAMP(MICROS, true));
            required int64 ended_at (TIMESTAMP(MICROS, true));
            required int32 exit_code;
            required group settings (MAP) {
              repeated group key_value {
                required binary key (STRING);
                required binary value (STRING);
              }
            }
            required group identity (MAP) {
              repeated group key_value {
                required binary key (STRING);
                required binary value (STRING);
              }
            }
            required binary plan (STRING);
            required group weights (LIST) {
              repeated group list {
                required group element {
                  required binary name (STRING);
                  required binary origin (STRING);
                  required int64 bytes;
                  required binary sha256 (STRING);
                }
              }
            }
            required binary machine (STRING);
            required group versions (MAP) {
              repeated group key_value {
                required binary key (STRING);
                required binary value (STRING);
              }
            }
            required group conf (MAP) {
              repeated group key_value {
                required binary key (STRING);
                required binary value (STRING);
              }
            }
            required int64 images;
            required int64 failed;
            required double images_per_second;
            optional int64 latency_per_image_p50_ns;
            optional int64 latency_per_image_p95_ns;
          }
          """);

  private RunsTable() {}

  /**
   * Adds a row, which readers see as a whole or not at all.
   *
   * @param run the folder of the run
   * @return the path of the file relative to the run
   * @throws UncheckedIOException if it cannot be written
   */
  public static String append(SparkSession session, String run, RunRow row) {
    byte[] content = file(group(row, Redaction.settings(session)));
    String name =
        "%s-%s.parquet"
            .formatted(
                row.ending().start().truncatedTo(ChronoUnit.SECONDS).toString().replace(":", ""),
                UUID.randomUUID());
    Path folder = new Path(run, FOLDER);
    // Names that begin so are not seen by readers of tables.
    Path unfinished = new Path(folder, "_" + name + ".tmp");
    try {
      FileSystem files = folder.getFileSystem(session.sparkContext().hadoopConfiguration());
      try (FSDataOutputStream out = files.create(unfinished, false)) {
        out.write(content);
      }
      if (!files.rename(unfinished, new Path(folder, name))) {
        throw new IOException("Cannot rename '" + unfinished + "' to '" + name + "'");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return FOLDER + "/" + name;
  }

  private static byte[] file(Group row) {
    MemoryFile file = new MemoryFile();
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(file)
            .withConf(new Configuration(false))
            .withType(SCHEMA)
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .withPageWriteChecksumEnabled(true)
            .build()) {
      writer.write(row);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file.bytes();
  }

  private static Group group(RunRow row, Map<String, String> conf) {
    Group group = new SimpleGroup(SCHEMA);
    group.add("run_id", row.runId());
    group.add("started_at", micros(row.ending().start()));
    group.add("ended_at", micros(row.ending().end()));
    group.add("exit_code", row.ending().exitCode());
    add(group.addGroup("settings"), row.setup().settings());
    add(group.addGroup("identity"), row.setup().identity());
    group.add("plan", row.setup().plan());
    add(group.addGroup("weights"), row.weights());
    group.add("machine", row.place().machine());
    add(group.addGroup("versions"), row.place().versions());
    add(group.addGroup("conf"), conf);
    group.add("images", row.result().images());
    group.add("failed", row.result().failed());
    group.add("images_per_second", row.result().imagesPerSecond());
    row.result()
        .latency()
        .ifPresent(
            latency -> {
              group.add("latency_per_image_p50_ns", latency.medianNanos());
              group.add("latency_per_image_p95_ns", latency.p95Nanos());
            });
    return group;
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  private static void add(Group map, Map<String, String> entries) {
    new TreeMap<>(entries)
        .forEach(
            (key, value) -> {
              Group entry = map.addGroup("key_value");
              entry.add("key", key);
              entry.add("value", value);
            });
  }

  private static void add(Group list, List<RunRow.Weights> weights) {
    for (RunRow.Weights one : weights) {
      Group element = list.addGroup("list").addGroup("element");
      element.add("name", one.name());
      element.add("origin", one.origin());
      element.add("bytes", one.bytes());
      element.add("sha256", one.sha256());
    }
  }
}
