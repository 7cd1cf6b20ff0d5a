package io.tandem.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** The table {@code sweep}: a row for each point, in one file that each start writes anew. */
public final class SweepTable {

  private static final String FOLDER = "sweep";

  /** Columns that metrics may fill, with the names that evaluations give them. */
  private static final List<String> METRICS =
      List.of(
          "fid",
          "fid_error",
          "fid_infinity",
          "sfid",
          "sfid_error",
          "is",
          "is_error",
          "is_std",
          "precision",
          "recall",
          "density",
          "coverage",
          "kid",
          "kid_std");

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message sweep {
            required binary point (STRING);
            required binary state (STRING);
            required binary message (STRING);
            required int32 group;
            required boolean on_frontier;
            optional binary run_id (STRING);
            %s
            optional int64 images;
            optional int64 failed;
            optional double images_per_second;
            optional double scales_ms;
            optional double vae_ms;
            optional double encode_ms;
            optional double draft_refine_seconds;
            optional double draft_refine_share_seconds;
            optional int64 kv_bytes;
            optional int64 weight_bytes;
            optional int64 table_bytes;
            required group scales (LIST) {
              repeated group list {
                required group element {
                  required int32 scale;
                  required int32 side;
                  required binary model (STRING);
                  required int32 prefill_tokens;
                  required double ms;
                  required double ms_p95;
                  required int64 kv_bytes;
                }
              }
            }
            required group grid (MAP) {
              repeated group key_value {
                required binary key (STRING);
                required binary value (STRING);
              }
            }
            required group settings (MAP) {
              repeated group key_value {
                required binary key (STRING);
                required binary value (STRING);
              }
            }
          }
          """
              .formatted(columns()));

  private SweepTable() {}

  private static String columns() {
    StringBuilder columns = new StringBuilder();
    METRICS.forEach(name -> columns.append("optional double ").append(name).append(";\n"));
    return columns.toString();
  }

  /**
   * Writes {@code rows} in place of those that are there; a reader sees the old ones, both, or the
   * new ones.
   *
   * @param settings of Hadoop
   * @param sweep the folder of the sweep
   * @return the path of the file relative to the sweep
   */
  public static String write(Configuration settings, String sweep, List<SweepRow> rows) {
    Path folder = new Path(sweep, FOLDER);
    String name = "points-" + UUID.randomUUID() + ".parquet";
    try {
      FileSystem files = folder.getFileSystem(settings);
      ChunkWriter.put(
          settings,
          new Path(folder, name),
          MemoryFile.ofRows(SCHEMA, rows.stream().map(SweepTable::group)));
      for (FileStatus file : files.listStatus(folder)) {
        if (!file.getPath().getName().equals(name)) {
          files.delete(file.getPath(), false);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return FOLDER + "/" + name;
  }

  private static Group group(SweepRow row) {
    Group group = new SimpleGroup(SCHEMA);
    group.add("point", row.point());
    group.add("state", row.standing().state());
    group.add("message", row.standing().message());
    group.add("group", row.standing().group());
    group.add("on_frontier", row.standing().onFrontier());
    METRICS.stream()
        .filter(row.metrics()::containsKey)
        .forEach(name -> group.add(name, row.metrics().get(name)));
    row.run().ifPresent(run -> addRun(group, run));
    row.speed().ifPresent(speed -> addSpeed(group, speed));
    Group scales = group.addGroup("scales");
    row.speed()
        .ifPresent(
            speed ->
                speed
                    .scales()
                    .forEach(scale -> add(scales.addGroup("list").addGroup("element"), scale)));
    add(group.addGroup("grid"), row.grid());
    add(group.addGroup("settings"), row.run().map(SweepRow.Run::settings).orElse(Map.of()));
    return group;
  }

  private static void addRun(Group group, SweepRow.Run run) {
    group.add("run_id", run.runId());
    group.add("images", run.images());
    group.add("failed", run.failed());
    group.add("table_bytes", run.tableBytes());
    group.add("weight_bytes", run.weightBytes());
  }

  private static void addSpeed(Group group, SweepRow.Speed speed) {
    group.add("images_per_second", speed.imagesPerSecond());
    group.add("scales_ms", speed.scalesMilliseconds());
    group.add("vae_ms", speed.vae());
    group.add("encode_ms", speed.encode());
    group.add("draft_refine_seconds", speed.drafting().alone());
    group.add("draft_refine_share_seconds", speed.drafting().share());
    group.add(
        "kv_bytes", speed.scales().stream().mapToLong(SweepRow.Scale::cacheBytes).max().orElse(0));
  }

  private static void add(Group element, SweepRow.Scale scale) {
    element.add("scale", scale.scale());
    element.add("side", scale.side());
    element.add("model", scale.model());
    element.add("prefill_tokens", scale.prefillTokens());
    element.add("ms", scale.median());
    element.add("ms_p95", scale.p95());
    element.add("kv_bytes", scale.cacheBytes());
  }

  private static void add(Group map, Map<String, String> entries) {
    entries.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            each -> {
              Group entry = map.addGroup("key_value");
              entry.add("key", each.getKey());
              entry.add("value", each.getValue());
            });
  }
}
