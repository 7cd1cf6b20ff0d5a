package io.tandem.table;

import io.tandem.base.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
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
    byte[] content = MemoryFile.ofRows(SCHEMA, Stream.of(group(row, Redaction.settings(session))));
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

  /**
   * Returns all rows in the order of their starts, without the settings of Spark; none if there is
   * no such table.
   *
   * @param settings of Hadoop
   * @param run the folder of the run
   * @throws UserError if a file is damaged
   */
  public static List<RunRow> read(Configuration settings, String run) {
    List<RunRow> rows = new ArrayList<>();
    Path folder = new Path(run, FOLDER);
    try {
      FileSystem files = folder.getFileSystem(settings);
      if (!files.exists(folder)) {
        return rows;
      }
      for (FileStatus file : files.listStatus(folder)) {
        String name = file.getPath().getName();
        if (name.endsWith(".parquet") && !name.startsWith("_") && !name.startsWith(".")) {
          rows.add(read(settings, file.getPath()));
        }
      }
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s", folder, e);
    }
    rows.sort(Comparator.comparing(row -> row.ending().start()));
    return rows;
  }

  private static RunRow read(Configuration settings, Path file) {
    try (ParquetRows rows = ParquetRows.open(settings, file)) {
      return row(rows.rows(rows.columns()).next());
    } catch (IOException | RuntimeException e) {
      throw UserError.because(
          e, "Cannot read '%s': it is no row of the table of runs (%s)", file, e);
    }
  }

  private static RunRow row(Group row) {
    Optional<LatencyPercentiles> latency =
        Cell.has(row, "latency_per_image_p50_ns")
            ? Optional.of(
                new LatencyPercentiles(
                    row.getLong("latency_per_image_p50_ns", 0),
                    row.getLong("latency_per_image_p95_ns", 0)))
            : Optional.empty();
    return new RunRow(
        row.getString("run_id", 0),
        new RunRow.Ending(
            time(row, "started_at"), time(row, "ended_at"), row.getInteger("exit_code", 0)),
        new RunRow.Setup(map(row, "settings"), map(row, "identity"), row.getString("plan", 0)),
        Cell.structs(row, "weights").stream()
            .map(
                each ->
                    new RunRow.Weights(
                        each.getString("name", 0),
                        each.getString("origin", 0),
                        each.getLong("bytes", 0),
                        each.getString("sha256", 0)))
            .toList(),
        new RunRow.Place(row.getString("machine", 0), map(row, "versions")),
        new RunRow.Result(
            row.getLong("images", 0),
            row.getLong("failed", 0),
            row.getDouble("images_per_second", 0),
            latency));
  }

  private static Instant time(Group row, String column) {
    return Instant.EPOCH.plus(row.getLong(column, 0), ChronoUnit.MICROS);
  }

  private static Map<String, String> map(Group row, String column) {
    Map<String, String> entries = new TreeMap<>();
    Group map = row.getGroup(column, 0);
    for (int i = 0; i < map.getFieldRepetitionCount("key_value"); i++) {
      Group entry = map.getGroup("key_value", i);
      entries.put(entry.getString("key", 0), entry.getString("value", 0));
    }
    return entries;
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
