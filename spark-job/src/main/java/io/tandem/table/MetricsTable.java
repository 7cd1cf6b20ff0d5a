package io.tandem.table;

import io.tandem.base.UserError;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.SparkSession;

/**
 * The table {@code metrics} of a run: a row for each evaluation, each in a small Parquet file of
 * its own, named by the time of the evaluation.
 */
public final class MetricsTable {

  private static final String FOLDER = "metrics";

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message metrics {
            required binary run_id (STRING);
            required int64 evaluated_at (TIMESTAMP(MICROS, true));
            required int64 samples;
            required int64 failed;
            required int64 unusable;
            required binary profile (STRING);
            required binary network (STRING);
            required binary weights_sha256 (STRING);
            required int32 dimension;
            required binary images_sha256 (STRING);
            required binary reference (STRING);
            required binary reference_sha256 (STRING);
            required binary reference_identity (STRING);
            required int64 reference_samples;
            optional double fid;
            optional double fid_error;
            optional double fid_infinity;
            optional double sfid;
            optional double sfid_error;
            optional double is;
            optional double is_error;
            optional double is_std;
            optional double precision;
            optional double recall;
            optional double density;
            optional double coverage;
            optional double kid;
            optional double kid_std;
            required group warnings (LIST) {
              repeated group list {
                required binary element (STRING);
              }
            }
            required group versions (MAP) {
              repeated group key_value {
                required binary key (STRING);
                required binary value (STRING);
              }
            }
            required double seconds;
          }
          """);

  private MetricsTable() {}

  /**
   * An evaluation.
   *
   * @param evaluated when
   * @param texts values of the columns of text, by name
   * @param counts values of the columns of whole numbers, by name
   * @param values values of the columns of numbers, by name; those that are missing are null
   * @param warnings in words
   * @param versions of libraries, by name
   */
  public record MetricsRow(
      Instant evaluated,
      Map<String, String> texts,
      Map<String, Long> counts,
      Map<String, Double> values,
      Iterable<String> warnings,
      Map<String, String> versions) {}

  /**
   * Adds a row, which readers see as a whole or not at all.
   *
   * @param run the folder of the run
   * @return the path of the file relative to the run
   */
  public static String append(SparkSession session, String run, MetricsRow row) {
    String name =
        "%s-%s.parquet"
            .formatted(
                row.evaluated.truncatedTo(ChronoUnit.SECONDS).toString().replace(":", ""),
                UUID.randomUUID());
    ChunkWriter.put(
        session.sparkContext().hadoopConfiguration(),
        new Path(new Path(run, FOLDER), name),
        MemoryFile.ofRows(SCHEMA, Stream.of(group(row))));
    return FOLDER + "/" + name;
  }

  /**
   * Returns all rows in the order of the evaluations; none if there is no such table.
   *
   * @param settings of Hadoop
   * @param run the folder of the run
   * @throws UserError if a file is damaged
   */
  public static List<MetricsRow> read(Configuration settings, String run) {
    List<MetricsRow> rows = new ArrayList<>();
    Path folder = new Path(run, FOLDER);
    try {
      FileSystem files = folder.getFileSystem(settings);
      if (!files.exists(folder)) {
        return rows;
      }
      for (FileStatus file : files.listStatus(folder)) {
        String name = file.getPath().getName();
        if (name.endsWith(".parquet") && !name.startsWith("_") && !name.startsWith(".")) {
          try (ParquetRows parquet = ParquetRows.open(settings, file.getPath())) {
            parquet.rows(parquet.columns()).forEachRemaining(row -> rows.add(row(row)));
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      throw UserError.because(e, "Cannot read '%s': %s", folder, e);
    }
    rows.sort(Comparator.comparing(MetricsRow::evaluated));
    return rows;
  }

  private static MetricsRow row(Group row) {
    Map<String, String> texts = new TreeMap<>();
    Map<String, Long> counts = new TreeMap<>();
    Map<String, Double> values = new TreeMap<>();
    for (Type column : row.getType().getFields()) {
      String name = column.getName();
      if (!column.isPrimitive() || !Cell.has(row, name)) {
        continue;
      }
      switch (column.asPrimitiveType().getPrimitiveTypeName()) {
        case BINARY -> texts.put(name, row.getString(name, 0));
        case INT32 -> counts.put(name, (long) row.getInteger(name, 0));
        case INT64 -> counts.put(name, row.getLong(name, 0));
        case DOUBLE -> values.put(name, row.getDouble(name, 0));
        default -> throw new IllegalArgumentException("column '" + name + "' is " + column);
      }
    }
    Instant evaluated = Instant.EPOCH.plus(counts.remove("evaluated_at"), ChronoUnit.MICROS);
    return new MetricsRow(evaluated, texts, counts, values, warnings(row), Map.of());
  }

  private static List<String> warnings(Group row) {
    Group list = row.getGroup("warnings", 0);
    return IntStream.range(0, list.getFieldRepetitionCount(0))
        .mapToObj(i -> list.getGroup(0, i).getString(0, 0))
        .toList();
  }

  private static Group group(MetricsRow row) {
    Group group = new SimpleGroup(SCHEMA);
    group.add("evaluated_at", ChronoUnit.MICROS.between(Instant.EPOCH, row.evaluated));
    row.texts.forEach(group::add);
    row.counts.forEach(
        (name, count) -> {
          if (name.equals("dimension")) {
            group.add(name, Math.toIntExact(count));
          } else {
            group.add(name, count);
          }
        });
    row.values.forEach(
        (name, value) -> {
          if (SCHEMA.containsField(name)) {
            group.add(name, value);
          }
        });
    Group warnings = group.addGroup("warnings");
    row.warnings.forEach(warning -> warnings.addGroup("list").add("element", warning));
    Group versions = group.addGroup("versions");
    new TreeMap<>(row.versions)
        .forEach(
            (key, value) -> {
              Group entry = versions.addGroup("key_value");
              entry.add("key", key);
              entry.add("value", value);
            });
    return group;
  }
}
