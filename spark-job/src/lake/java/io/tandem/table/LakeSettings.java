package io.tandem.table;

import io.tandem.table.LakeTable.Format;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * What a session needs for tables of both formats below one folder, and how they are maintained.
 */
public final class LakeSettings {

  private LakeSettings() {}

  /** Returns the settings of Spark; Iceberg's catalog is called {@code lake}. */
  public static Map<String, String> of(Path folder) {
    return Map.of(
        "spark.sql.extensions",
            "io.delta.sql.DeltaSparkSessionExtension,"
                + "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.lake.type", "hadoop",
        "spark.sql.catalog.lake.warehouse", folder.resolve("warehouse").toUri().toString(),
        "spark.sql.shuffle.partitions", "2",
        "spark.databricks.delta.snapshotPartitions", "1",
        "spark.databricks.delta.retentionDurationCheck.enabled", "false");
  }

  /** Returns a table below {@code folder}, which need not be there. */
  public static LakeTable table(Format format, Path folder, String name) {
    return new LakeTable(
        format,
        format == Format.DELTA
            ? "file:" + folder.resolve("delta").resolve(name)
            : "lake.sets." + name);
  }

  /** Compacts the files of a table, and removes all of its past. */
  public static void maintain(SparkSession session, LakeTable table) {
    if (table.format() == Format.DELTA) {
      session.sql("OPTIMIZE " + table.sql());
      session.sql("VACUUM " + table.sql() + " RETAIN 0 HOURS");
    } else {
      String name = table.name().substring("lake.".length());
      session.sql(
          "CALL lake.system.rewrite_data_files(table => '%s', options => map('rewrite-all', 'true'))"
              .formatted(name));
      session.sql(
          "CALL lake.system.expire_snapshots(table => '%s', older_than => TIMESTAMP '2999-01-01"
                  .formatted(name)
              + " 00:00:00', retain_last => 1)");
    }
  }
}
