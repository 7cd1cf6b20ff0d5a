package io.tandem.table;

import static java.util.Map.entry;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.tandem.base.UserError;
import io.tandem.table.LakeTable.Format;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriterV2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Waves of runs in a {@link LakeTable}: the columns of the images, and last {@code wave}. The table
 * is partitioned by run and wave, and each wave is one commit, which takes the place of whatever
 * the table held of the wave. So a commit that is repeated, by the same driver or by one that was
 * taken for dead, leaves each row there once.
 *
 * <p>Delta is told the name of the commit besides, {@code <run>/<wave>} in version 1: it leaves a
 * second one of that name alone, also when the rows have been rewritten since. As each wave has a
 * name of its own, the order of the waves does not matter.
 *
 * <p>Works in a session of its own, whose settings suit large rows; that of the caller stays as it
 * is. Thread-safe, as long as each wave is with one thread.
 */
public final class LakeWaves {

  /** The column that the table has besides those of the images. */
  public static final String WAVE = "wave";

  private static final String RUN_ID = "run_id";
  private static final String SAMPLE_INDEX = "sample_index";

  private static final StructField WAVE_COLUMN =
      new StructField(WAVE, DataTypes.IntegerType, true, Metadata.empty())
          .withComment("wave of the run that the sample was made in; a wave is one commit");

  private static final List<String> PARTITIONS = List.of(RUN_ID, WAVE);

  /** A batch of rows is not read at once: each has a picture. Row groups are as in the files. */
  private static final Map<String, String> SESSION =
      Map.of(
          "spark.sql.parquet.enableVectorizedReader", "false",
          "spark.sql.iceberg.vectorization.enabled", "false",
          "spark.sql.sources.partitionOverwriteMode", "static",
          "spark.databricks.delta.optimizeWrite.enabled", "false",
          "parquet.block.size", Integer.toString(16 << 20),
          "parquet.page.size", Integer.toString(1 << 20),
          "parquet.page.size.row.check.min", "1",
          "parquet.page.size.row.check.max", "4");

  /** Of tables made here. No file list has statistics of pictures, and nothing is shuffled. */
  private static final Map<Format, Map<String, String>> PROPERTIES =
      Map.of(
          Format.DELTA,
          Map.of("delta.dataSkippingStatsColumns", "sample_index,class_id,batch_id"),
          Format.ICEBERG,
          Map.ofEntries(
              entry("format-version", "2"),
              entry("write.distribution-mode", "none"),
              entry("write.metadata.metrics.column.image.bytes", "none"),
              entry("write.metadata.metrics.column.tokens", "none"),
              entry("write.metadata.metrics.column.features.features", "none"),
              entry("write.metadata.metrics.column.features.logits", "none"),
              entry("write.metadata.metrics.column.features.spatial", "none"),
              entry("write.parquet.row-group-size-bytes", Integer.toString(16 << 20)),
              entry("write.parquet.row-group-check-min-record-count", "1"),
              entry("write.parquet.row-group-check-max-record-count", "4"),
              entry("write.spark.fanout.enabled", "true")));

  private final SparkSession session;
  private final LakeTable table;
  private final StructType images;

  private LakeWaves(SparkSession session, LakeTable table, StructType images) {
    this.session = session;
    this.table = table;
    this.images = images;
  }

  /**
   * Returns the waves of a table, which need not be there yet.
   *
   * @param images columns of the images
   * @throws UserError if there is a table with other columns or partitions
   */
  public static LakeWaves open(SparkSession session, LakeTable table, StructType images) {
    LakeWaves waves = new LakeWaves(own(session, table), table, images);
    waves.checkIfThere();
    return waves;
  }

  /**
   * Returns the waves of a table that is there.
   *
   * @param images columns of the images
   * @throws UserError if there is no such table
   */
  public static LakeWaves openToRead(SparkSession session, LakeTable table, StructType images) {
    LakeWaves waves = new LakeWaves(own(session, table), table, images);
    waves.checkIsThere();
    return waves;
  }

  private static SparkSession own(SparkSession session, LakeTable table) {
    for (Map.Entry<String, String> each : table.settings().entrySet()) {
      if (session.conf().get(each.getKey(), "").isEmpty()) {
        throw UserError.of(
            "Cannot use %s table '%s': the session of Spark is not set up for it. Set %s=%s and"
                + " spark.sql.extensions=%s.",
            table.format().label(),
            table.name(),
            each.getKey(),
            each.getValue(),
            String.join(",", table.extensions()));
      }
    }
    SparkSession own = session.newSession();
    SESSION.forEach((key, value) -> own.conf().set(key, value));
    return own;
  }

  /** What is missing is made later, and what cannot be read is told then. */
  private void checkIfThere() {
    StructType there;
    try {
      there = session.table(table.sql()).schema();
    } catch (Exception e) {
      if (e instanceof AnalysisException) {
        return;
      }
      throw cannot("open", e);
    }
    checkColumns(there);
    checkPartitions();
  }

  /**
   * Makes the table, unless it is there.
   *
   * @throws UserError if it cannot be made, or is another one
   */
  public void create() {
    try {
      List<String> database = table.database();
      if (database.size() > 1) {
        session.sql("CREATE NAMESPACE IF NOT EXISTS " + String.join(".", database));
      }
      session.sql(creation());
    } catch (Exception e) {
      throw cannot("make", e);
    }
    checkIsThere();
  }

  private void checkIsThere() {
    StructType there;
    try {
      there = session.table(table.sql()).schema();
    } catch (Exception e) {
      throw cannot("open", e);
    }
    checkColumns(there);
    checkPartitions();
  }

  /** Returns the statement that makes the table. */
  String creation() {
    return "CREATE TABLE IF NOT EXISTS %s (%s) USING %s PARTITIONED BY (%s) COMMENT '%s' TBLPROPERTIES (%s)"
        .formatted(
            table.sql(),
            columns().toDDL(),
            table.format(),
            String.join(", ", PARTITIONS),
            "Images of VAR models, one row per sample of a run",
            new TreeMap<>(PROPERTIES.get(table.format()))
                .entrySet().stream()
                    .map(each -> "'%s'='%s'".formatted(each.getKey(), each.getValue()))
                    .collect(Collectors.joining(", ")));
  }

  /** Columns of the table: all of them may be null, as in any table that is read from files. */
  private StructType columns() {
    return new StructType(
        Stream.concat(
                Arrays.stream(((StructType) nullable(images)).fields()), Stream.of(WAVE_COLUMN))
            .toArray(StructField[]::new));
  }

  private static DataType nullable(DataType type) {
    if (type instanceof StructType struct) {
      return new StructType(
          Arrays.stream(struct.fields())
              .map(
                  field ->
                      new StructField(
                          field.name(), nullable(field.dataType()), true, field.metadata()))
              .toArray(StructField[]::new));
    }
    return type instanceof ArrayType array
        ? DataTypes.createArrayType(nullable(array.elementType()), true)
        : type;
  }

  private void checkColumns(StructType there) {
    Map<String, String> needed = types(columns());
    Map<String, String> found = types(there);
    List<String> differences = new ArrayList<>();
    needed.forEach(
        (name, type) -> {
          if (!found.containsKey(name)) {
            differences.add("it has no column '%s' (%s)".formatted(name, type));
          } else if (!found.get(name).equals(type)) {
            differences.add(
                "its column '%s' is %s (%s is needed)".formatted(name, found.get(name), type));
          }
        });
    found.forEach(
        (name, type) -> {
          if (!needed.containsKey(name)) {
            differences.add("it has a column '%s' more".formatted(name));
          }
        });
    if (!differences.isEmpty()) {
      throw UserError.of(
          "Cannot write to %s table '%s': %s%s. Name a table that generate made, or one that is not"
              + " there yet, with --out.",
          table.format().label(),
          table.name(),
          differences.get(0),
          differences.size() == 1
              ? ""
              : ", and there are %d differences more".formatted(differences.size() - 1));
    }
  }

  private static Map<String, String> types(StructType columns) {
    Map<String, String> types = new LinkedHashMap<>();
    for (StructField field : columns.fields()) {
      types.put(field.name(), field.dataType().catalogString());
    }
    return types;
  }

  private void checkPartitions() {
    List<String> found = partitions();
    if (!found.equals(PARTITIONS)) {
      throw UserError.of(
          "Cannot write to %s table '%s': it is partitioned by %s (run_id, wave is needed, for a"
              + " commit takes the place of the files of its wave). Name a table that generate"
              + " made, or one that is not there yet, with --out.",
          table.format().label(),
          table.name(),
          found.isEmpty() ? "nothing" : String.join(", ", found));
    }
  }

  private List<String> partitions() {
    List<String> names = new ArrayList<>();
    boolean isInside = false;
    for (Row row : session.sql("DESCRIBE TABLE " + table.sql()).collectAsList()) {
      String name = row.getString(0);
      if (name.startsWith("# Partition")) {
        isInside = true;
      } else if (name.isEmpty()) {
        isInside = false;
      } else if (isInside && !name.startsWith("#")) {
        names.add(name.startsWith("Part ") ? row.getString(1) : name);
      }
    }
    return names;
  }

  /**
   * Commits a wave: its rows take the place of those that the table has of it, all at once.
   *
   * @param files addresses of the images of the wave, as {@link WaveTables} wrote them
   * @throws IllegalStateException if its rows are not all there afterwards
   */
  public void commit(WaveOfRun wave, List<String> files) {
    Dataset<Row> rows = staged(wave, files);
    write(rows, wave, once(wave));
    if (!holds(wave)) {
      // A commit of this name is known, and its rows were removed since: they are wanted again.
      write(rows, wave, Map.of());
    }
    if (!holds(wave)) {
      throw new IllegalStateException(
          "Cannot commit wave %d of run %s to table '%s': its rows are not there"
              .formatted(wave.number(), wave.runId(), table));
    }
  }

  /**
   * Commits other rows of a wave that may be there already.
   *
   * @param files as for {@link #commit}
   */
  public void commitAgain(WaveOfRun wave, List<String> files) {
    write(staged(wave, files), wave, Map.of());
  }

  private Dataset<Row> staged(WaveOfRun wave, List<String> files) {
    Dataset<Row> rows =
        session
            .read()
            .schema(images)
            .parquet(
                files.stream()
                    .map(file -> ParquetSource.literal(new Path(file)))
                    .toArray(String[]::new));
    List<Column> columns = new ArrayList<>();
    Arrays.stream(images.fields()).forEach(field -> columns.add(col(field.name())));
    columns.add(lit(wave.number()).as(WAVE));
    return rows.select(columns.toArray(Column[]::new));
  }

  private void write(Dataset<Row> rows, WaveOfRun wave, Map<String, String> once) {
    DataFrameWriterV2<Row> writer = rows.writeTo(table.sql());
    options(wave).forEach(writer::option);
    once.forEach(writer::option);
    try {
      writer.overwrite(of(wave));
    } catch (Exception e) {
      if (e instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw cannot("write to", e);
    }
  }

  private Map<String, String> options(WaveOfRun wave) {
    return table.format() == Format.DELTA
        ? Map.of("userMetadata", "tandem run %s wave %d".formatted(wave.runId(), wave.number()))
        : Map.of(
            "distribution-mode",
            "none",
            "fanout-enabled",
            "true",
            "snapshot-property.tandem.run-id",
            wave.runId(),
            "snapshot-property.tandem.wave",
            Integer.toString(wave.number()));
  }

  private Map<String, String> once(WaveOfRun wave) {
    return table.format() == Format.DELTA
        ? Map.of("txnAppId", wave.runId() + "/" + wave.number(), "txnVersion", "1")
        : Map.of();
  }

  private static Column of(WaveOfRun wave) {
    return col(RUN_ID).equalTo(wave.runId()).and(col(WAVE).equalTo(wave.number()));
  }

  /** Returns whether the table has the rows of a wave, each once. Reads one small column. */
  public boolean holds(WaveOfRun wave) {
    RangeSet samples = new RangeSet();
    long rows = 0;
    for (Row row :
        current().where(of(wave)).select(SAMPLE_INDEX).orderBy(SAMPLE_INDEX).collectAsList()) {
      samples.add(row.getLong(0));
      rows++;
    }
    return rows == wave.samples().count()
        && RangeSet.merged(samples.ranges()).equals(List.of(wave.samples()));
  }

  /** Returns how many rows the table has of each wave of a run. */
  public Map<Integer, Long> counts(String runId) {
    Map<Integer, Long> counts = new TreeMap<>();
    for (Row row :
        current().where(col(RUN_ID).equalTo(runId)).groupBy(WAVE).count().collectAsList()) {
      counts.put(row.getInt(0), row.getLong(1));
    }
    return counts;
  }

  /**
   * Returns the rows of a wave in the order of their indexes, with the columns of the images, in
   * one partition: those of a batch follow each other.
   *
   * @param end samples from here on are left out
   */
  public Dataset<Row> rows(WaveOfRun wave, long end) {
    return current()
        .where(of(wave).and(col(SAMPLE_INDEX).lt(end)))
        .select(
            Arrays.stream(images.fields()).map(field -> col(field.name())).toArray(Column[]::new))
        .coalesce(1)
        .sortWithinPartitions(SAMPLE_INDEX);
  }

  /** The table as it is now: what Iceberg knows of it may be half a minute old. */
  private Dataset<Row> current() {
    if (table.format() == Format.ICEBERG) {
      session.sql("REFRESH TABLE " + table.sql());
    }
    return session.table(table.sql());
  }

  private UserError cannot(String action, Exception e) {
    return UserError.because(
        e,
        "Cannot %s %s table '%s': %s",
        action,
        table.format().label(),
        table.name(),
        String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip());
  }
}
