package io.tandem.table;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A table of Delta Lake or Apache Iceberg that the waves of many runs are committed to. Neither is
 * a part of Tandem: Spark loads them by the names of their classes, so that whoever writes such
 * tables brings their jars. Immutable.
 *
 * @param format whose table it is
 * @param name of a table in a catalog, such as {@code lake.sets.images}; for Delta also the address
 *     of a folder, which has a slash
 */
public record LakeTable(Format format, String name) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][\\w-]*(\\.[A-Za-z_][\\w-]*){1,5}");

  private static final String GUAVA =
      "com.google.common.util.concurrent.UncheckedExecutionException";

  private static final String CATALOG = "spark.sql.catalog.";
  private static final String SESSION_CATALOG = "spark_catalog";
  private static final String IMPLEMENTATION = "spark.sql.catalogImplementation";

  /** Whose table it is. */
  public enum Format {
    /** Delta Lake. */
    DELTA(
        "io.delta.sql.DeltaSparkSessionExtension",
        "io.delta:delta-spark_2.12:3.3.2",
        "org.apache.spark.sql.delta.catalog.DeltaCatalog"),
    /** Apache Iceberg. */
    ICEBERG(
        "org.apache.iceberg.spark.SparkCatalog",
        "org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.0",
        "org.apache.iceberg.spark.SparkCatalog");

    private final String entry;
    private final String coordinates;
    private final String catalog;

    Format(String entry, String coordinates, String catalog) {
      this.entry = entry;
      this.coordinates = coordinates;
      this.catalog = catalog;
    }

    /** Returns the name that people know. */
    public String label() {
      return this == DELTA ? "Delta" : "Iceberg";
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public LakeTable {
    check(
        (format == Format.DELTA && isAddress(name)) || NAME.matcher(name).matches(),
        "Cannot write to %s table '%s': it is no name of a table (%s). Correct --out.",
        format.label(),
        name,
        format == Format.DELTA
            ? "database.table, catalog.database.table or the address of a folder"
            : "catalog.database.table");
  }

  /** Returns whether {@code name} is an address of a folder, as against a name in a catalog. */
  public static boolean isAddress(String name) {
    return name.indexOf('/') >= 0;
  }

  /**
   * Returns the table that {@link #toString} wrote.
   *
   * @throws UserError if {@code text} is none
   */
  public static LakeTable parse(String text) {
    int colon = text.indexOf(':');
    for (Format each : Format.values()) {
      if (colon > 0 && each.toString().equals(text.substring(0, colon))) {
        return new LakeTable(each, text.substring(colon + 1));
      }
    }
    throw UserError.of("Cannot use table '%s' (delta:NAME or iceberg:NAME)", text);
  }

  /**
   * Returns what Spark must be started with to know the table; what the user says of the same
   * settings goes first. Extensions are a list, to which the value is added.
   */
  public Map<String, String> settings() {
    return format == Format.DELTA ? Map.of(CATALOG + SESSION_CATALOG, format.catalog) : Map.of();
  }

  /** Returns the extensions of Spark that the table needs. */
  public List<String> extensions() {
    return format == Format.DELTA ? List.of(format.entry) : List.of();
  }

  /**
   * Passes if Spark has what it needs to find the table.
   *
   * @param settings of Spark
   * @throws UserError if a catalog is not configured, or classes are missing
   */
  public void checkSettings(Map<String, String> settings) {
    checkClass(format.entry, "Cannot write to %s table '%s': ".formatted(format.label(), name));
    if (format == Format.DELTA) {
      check(
          isThere(GUAVA),
          "Cannot write to Delta table '%s': there is no class %s, which Delta needs (it is in the"
              + " package com.google.guava:guava:14.0.1, which an installed Spark has). Pass its"
              + " jar to tandem in TANDEM_CLASSPATH.",
          name,
          GUAVA);
    }
    if (isAddress(name)) {
      return;
    }
    String catalog = parts().get(0);
    String configured = settings.get(CATALOG + catalog);
    if (configured != null) {
      checkClass(
          configured,
          "Cannot use catalog '%s' of %s table '%s': ".formatted(catalog, format.label(), name));
    } else if (format == Format.ICEBERG) {
      throw UserError.of(
          "Cannot write to Iceberg table '%s': Spark knows no catalog '%s'. Set"
              + " spark.sql.catalog.%s=org.apache.iceberg.spark.SparkCatalog, and"
              + " spark.sql.catalog.%s.type and what it asks for.",
          name, catalog, catalog, catalog);
    } else {
      check(
          parts().size() == 2,
          "Cannot write to Delta table '%s': Spark knows no catalog '%s'. Set spark.sql.catalog.%s"
              + " to the class of the catalog.",
          name,
          catalog,
          catalog);
      check(
          "hive".equals(settings.get(IMPLEMENTATION)),
          "Cannot write to Delta table '%s': the catalog of this session forgets its tables when it"
              + " ends. Set spark.sql.catalogImplementation=hive, name a catalog that stays"
              + " (catalog.database.table), or pass the address of a folder.",
          name);
    }
  }

  private static boolean isThere(String required) {
    try {
      Class.forName(required, false, Thread.currentThread().getContextClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  private void checkClass(String required, String beginning) {
    if (!isThere(required)) {
      throw UserError.of(
          "%sthere is no class %s (it is in the package %s%s). Pass --packages %s to spark-submit,"
              + " or its jars to tandem in TANDEM_CLASSPATH.",
          beginning,
          required,
          format.coordinates,
          required.equals(format.entry) || required.equals(format.catalog)
              ? ""
              : " or one of your own",
          format.coordinates);
    }
  }

  private List<String> parts() {
    return List.of(name.split("\\."));
  }

  /** Returns the table as SQL names it. */
  String sql() {
    return isAddress(name)
        ? "delta." + quoted(name)
        : parts().stream().map(LakeTable::quoted).collect(Collectors.joining("."));
  }

  /** Returns what SQL calls the database of the table, none for a folder. */
  List<String> database() {
    String[] parts = isAddress(name) ? new String[0] : name.split("\\.");
    return parts.length == 0
        ? List.of()
        : Arrays.stream(parts, 0, parts.length - 1).map(LakeTable::quoted).toList();
  }

  private static String quoted(String part) {
    return "`" + part.replace("`", "``") + "`";
  }

  /** Returns the notation of {@code run.json}, such as {@code iceberg:lake.sets.images}. */
  @Override
  public String toString() {
    return format + ":" + name;
  }
}
