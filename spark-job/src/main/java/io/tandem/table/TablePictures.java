package io.tandem.table;

import static io.tandem.base.Checks.check;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.when;

import io.tandem.base.UserError;
import io.tandem.executor.FeatureSpec;
import io.tandem.executor.FeaturesSchema;
import io.tandem.executor.PicturesSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The pictures of a Parquet table: that of a run, of which only the recorded waves count, one of
 * Hugging Face, or any other with a column {@code image}, binary or a struct with a binary field
 * {@code bytes}.
 *
 * <p>The index of a row is its column {@code sample_index}; without one, its place in the order of
 * file names and rows. Classes are in {@code class_id} or {@code label}. Rows whose {@code status}
 * is not {@code ok} have no picture.
 */
final class TablePictures implements PictureSet {

  private static final String IMAGE = "image";
  private static final int LONGEST_NAME = 200;
  private static final List<String> CLASSES = List.of(ParquetSource.CLASS_ID, "label");

  private final String name;
  private final ParquetSource source;
  private final Dataset<Row> pictures;
  private final long count;
  private final SortedMap<Long, String> chunks;

  private TablePictures(
      String name,
      ParquetSource source,
      Dataset<Row> pictures,
      long count,
      SortedMap<Long, String> chunks) {
    this.name = name;
    this.source = source;
    this.pictures = pictures;
    this.count = count;
    this.chunks = chunks;
  }

  /**
   * Opens the recorded waves of a run.
   *
   * @param waves in order
   * @throws UserError if there are none, or its files hold no pictures
   */
  static TablePictures ofRun(
      SparkSession session, String name, String run, List<RecordedWave> waves) {
    RunTable table = RunTable.of(session, name, run, waves);
    return new TablePictures(
        name,
        table.source(),
        rows(table.source(), col(ParquetSource.SAMPLE_INDEX).cast("long")),
        table.count(),
        table.chunks());
  }

  /**
   * Opens a table.
   *
   * @throws UserError if there is none, it has no such column or no rows, or its indexes are
   *     missing, negative or not unique
   */
  static TablePictures open(SparkSession session, String path) {
    ParquetSource source = ParquetSource.open(session, "images", path);
    String fingerprint = PictureRows.fingerprint(source.versions());
    if (source.has(ParquetSource.SAMPLE_INDEX)) {
      return indexed(path, source, fingerprint);
    }
    source.checkColumn(IMAGE);
    return numbered(path, source, fingerprint);
  }

  private static TablePictures indexed(String path, ParquetSource source, String fingerprint) {
    source.checkInteger(ParquetSource.SAMPLE_INDEX);
    Column sample = col(ParquetSource.SAMPLE_INDEX).cast("long");
    Dataset<Row> rows = rows(source, sample);
    Row totals =
        source.explained(
            () ->
                source
                    .table()
                    .agg(
                        functions.count(lit(1)),
                        functions.count(sample),
                        countDistinct(sample),
                        min(sample))
                    .head());
    long count = totals.getLong(0);
    check(count > 0, "Cannot read %s: it has no rows (at least one)", source);
    check(
        totals.getLong(1) == count && totals.getLong(3) >= 0,
        "Cannot read %s: column 'sample_index' is missing or negative in some rows (0 and up)",
        source);
    check(
        totals.getLong(2) == count,
        "Cannot read %s: %d rows have only %d different values in column 'sample_index' (each once)."
            + " Name the folder of the run itself, or drop the column.",
        source,
        count,
        totals.getLong(2));
    SortedMap<Long, String> chunks = new TreeMap<>();
    source
        .explained(
            () ->
                source
                    .table()
                    .select(functions.floor(sample.divide(FeatureSpec.CHUNK)).cast("long"))
                    .distinct()
                    .collectAsList())
        .forEach(row -> chunks.put(row.getLong(0), fingerprint));
    return new TablePictures(path, source, rows, count, Collections.unmodifiableSortedMap(chunks));
  }

  private static TablePictures numbered(String path, ParquetSource source, String fingerprint) {
    List<Row> files =
        source.explained(
            () ->
                source.table().groupBy(source.file()).agg(functions.count(lit(1))).collectAsList());
    List<Row> bases = new ArrayList<>();
    long count = 0;
    for (Row file : files.stream().sorted((a, b) -> order(a, b)).toList()) {
      bases.add(RowFactory.create(file.getString(0), count));
      count += file.getLong(1);
    }
    check(count > 0, "Cannot read %s: it has no rows (at least one)", source);
    Dataset<Row> firsts =
        source
            .table()
            .sparkSession()
            .createDataFrame(
                bases,
                new StructType()
                    .add("first_file", DataTypes.StringType)
                    .add("first_sample", DataTypes.LongType));
    ParquetSource numbered =
        source.with(
            table ->
                table
                    .withColumn("tandem_file", source.file())
                    .withColumn("tandem_row", source.rowIndex())
                    .join(
                        functions.broadcast(firsts),
                        col("tandem_file").equalTo(col("first_file"))));
    return new TablePictures(
        path,
        numbered,
        rows(numbered, col("first_sample").plus(col("tandem_row"))),
        count,
        PictureRows.chunks(count, fingerprint));
  }

  private static int order(Row a, Row b) {
    return a.getString(0).compareTo(b.getString(0));
  }

  /** Returns rows of {@link PicturesSchema}. */
  private static Dataset<Row> rows(ParquetSource source, Column sample) {
    source.checkColumn(IMAGE);
    StructType schema = source.table().schema();
    DataType image = schema.apply(IMAGE).dataType();
    boolean isStruct =
        image instanceof StructType struct
            && Arrays.asList(struct.fieldNames()).contains("bytes")
            && struct.apply("bytes").dataType().equals(DataTypes.BinaryType);
    check(
        isStruct || image.equals(DataTypes.BinaryType),
        "Cannot read %s: column 'image' is %s (binary, or a struct with a binary field 'bytes', is"
            + " needed)",
        source,
        image.catalogString());
    Column bytes = isStruct ? col(IMAGE).getField("bytes") : col(IMAGE);
    boolean hasPath =
        image instanceof StructType struct && Arrays.asList(struct.fieldNames()).contains("path");
    Column status =
        source.has("status")
            ? coalesce(col("status").cast("string").equalTo("ok"), lit(false))
            : lit(true);
    Column error =
        source.has("error")
            ? coalesce(col("error").cast("string"), lit("it has no picture"))
            : lit("it has no picture");
    boolean mayBeRaw = source.has("format") && source.has("width") && source.has("height");
    Column isRaw = mayBeRaw ? col("format").cast("string").equalTo("raw") : lit(false);
    Column present = bytes.isNotNull();
    return source
        .table()
        .select(
            sample.as("sample"),
            classId(source).as("class_id"),
            shown(hasPath ? col(IMAGE).getField("path") : lit(null).cast("string"), sample)
                .as("name"),
            bytes.as("bytes"),
            (mayBeRaw ? when(isRaw, col("width").cast("int")) : lit(null).cast("int")).as("width"),
            (mayBeRaw ? when(isRaw, col("height").cast("int")) : lit(null).cast("int"))
                .as("height"),
            when(status.and(present), lit(FeaturesSchema.OK))
                .when(status, lit(FeaturesSchema.UNUSABLE))
                .otherwise(lit(FeaturesSchema.FAILED))
                .as("status"),
            when(status.and(present), lit(null).cast("string")).otherwise(error).as("error"));
  }

  /** Returns what messages call a row: its path without what would control a terminal. */
  private static Column shown(Column path, Column sample) {
    return coalesce(
        functions.substring(functions.regexp_replace(path, "\\p{Cntrl}", "?"), 1, LONGEST_NAME),
        concat(lit("sample "), sample.cast("string")));
  }

  private static Column classId(ParquetSource source) {
    for (String column : CLASSES) {
      if (source.has(column) && source.isInteger(column)) {
        return col(column).cast("int");
      }
    }
    return lit(null).cast("int");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public SortedMap<Long, String> chunks() {
    return chunks;
  }

  @Override
  public Size size() {
    List<Row> some =
        source.explained(
            () ->
                pictures
                    .filter(col("status").equalTo(FeaturesSchema.OK))
                    .limit(PictureRows.LOOKED_AT)
                    .collectAsList());
    check(
        !some.isEmpty(),
        "Cannot evaluate %s: no row has a picture (at least one). Generate with --image-format png.",
        source);
    UserError first = null;
    for (Row row : some) {
      if (!row.isNullAt(4)) {
        return new Size(row.getInt(4), row.getInt(5));
      }
      try {
        return PictureRows.size(row.getAs("bytes"), row.getAs("name"));
      } catch (UserError e) {
        first = first == null ? e : first;
      }
    }
    throw first;
  }

  @Override
  public void forEachPart(SortedSet<Long> wanted, int partitions, Consumer<Dataset<Row>> work) {
    Dataset<Row> cut =
        RunTable.cut(
            pictures,
            wanted.size() < chunks.size() ? Optional.of(wanted) : Optional.empty(),
            partitions,
            PicturesSchema.schema());
    source.explainedIfDamaged(() -> work.accept(cut));
  }
}
