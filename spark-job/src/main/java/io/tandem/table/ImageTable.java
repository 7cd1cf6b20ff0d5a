package io.tandem.table;

import static io.tandem.base.Checks.check;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import io.tandem.base.UserError;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A Parquet table of pictures as Spark reads it: its columns, its classes, its rows. */
final class ImageTable {

  private static final String IMAGE = "image";
  private static final String BYTES = "bytes";
  private static final String CLASS_ID = "class_id";
  private static final String CLASS_NAME = "class_name";
  private static final String STATUS = "status";
  private static final String SAMPLE_INDEX = "sample_index";

  private static final Set<DataType> INTEGERS =
      Set.of(DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType);

  private static final String NEEDED = "a Parquet file or a folder of them is needed";

  /** What Spark says of files of other kinds. */
  private static final Pattern NO_PARQUET_FILE = Pattern.compile("(.*) is not a Parquet file");

  /** What Spark says of files that end too early, or are no longer what their footer says. */
  private static final Pattern DAMAGED_FILE =
      Pattern.compile("error while reading file (\\S*)\\. ");

  private final String path;
  private final String root;
  private final Dataset<Row> table;
  private final Configuration settings;

  /** What messages call each file, so that rows share one string. */
  private final Map<String, String> shown = new HashMap<>();

  /**
   * A row that has a picture.
   *
   * @param file the bytes of the PNG or JPEG file, none if they are not in the table
   */
  record Picture(RowPosition position, int classId, Optional<byte[]> file) {}

  private ImageTable(String path, Path root, Dataset<Row> table) {
    this.path = path;
    this.root = root.toString();
    this.table = table;
    this.settings = table.sparkSession().sparkContext().hadoopConfiguration();
  }

  /**
   * Opens the table at {@code path}, whose settings are those of {@code session}.
   *
   * @throws UserError if there is none, or it lacks a column
   */
  static ImageTable open(SparkSession session, String path) {
    Path root = qualified(session, path);
    // Of its own, because the settings below are for pictures only.
    SparkSession reader = session.newSession();
    reader.conf().set("spark.sql.caseSensitive", true);
    reader.conf().set("spark.sql.shuffle.partitions", 1);
    // A batch holds all pictures of its rows.
    reader.conf().set("spark.sql.parquet.columnarReaderBatchSize", 16);
    Dataset<Row> table =
        explained(path, () -> reader.read().option("mergeSchema", true).parquet(literal(root)));
    checkColumns(path, table.schema());
    return new ImageTable(path, root, table);
  }

  private static Path qualified(SparkSession session, String path) {
    boolean exists;
    Path root;
    try {
      root = new Path(path);
      FileSystem files = root.getFileSystem(session.sparkContext().hadoopConfiguration());
      exists = files.exists(root);
      root = files.makeQualified(root);
    } catch (IOException | IllegalArgumentException e) {
      throw UserError.because(e, "Cannot read data set '%s': %s", path, e);
    }
    check(exists, "Cannot read data set '%s': there is no such file or folder (%s)", path, NEEDED);
    return root;
  }

  /** Returns a pattern that fits {@code root} alone, since Spark takes paths for patterns. */
  private static String literal(Path root) {
    return root.toString().replaceAll("[{}\\[\\]*?\\\\]", "\\\\$0");
  }

  private static void checkColumns(String path, StructType schema) {
    List<String> names = Arrays.asList(schema.fieldNames());
    for (String name : List.of(IMAGE, CLASS_ID)) {
      check(
          names.contains(name),
          "Cannot read data set '%s': it has no column '%s' (its columns are %s)",
          path,
          name,
          String.join(", ", names));
    }
    DataType image = schema.apply(IMAGE).dataType();
    check(
        bytes(image).isPresent(),
        "Cannot read data set '%s': column 'image' is %s (binary, or a struct with a binary field"
            + " 'bytes', is needed)",
        path,
        image.catalogString());
    for (String name : List.of(CLASS_ID, SAMPLE_INDEX)) {
      if (names.contains(name)) {
        DataType type = schema.apply(name).dataType();
        check(
            INTEGERS.contains(type),
            "Cannot read data set '%s': column '%s' is %s (an integer type is needed)",
            path,
            name,
            type.catalogString());
      }
    }
  }

  /** Returns the column that holds the files, if this is the type of such a column. */
  private static Optional<Column> bytes(DataType image) {
    if (image.equals(DataTypes.BinaryType)) {
      return Optional.of(col(IMAGE));
    }
    return image instanceof StructType struct
            && Arrays.asList(struct.fieldNames()).contains(BYTES)
            && struct.apply(BYTES).dataType().equals(DataTypes.BinaryType)
        ? Optional.of(col(IMAGE).getField(BYTES))
        : Optional.empty();
  }

  /**
   * Counts the rows of each class.
   *
   * @throws UserError if they cannot be read, or are no data set
   */
  TableClasses classes() {
    Column name = has(CLASS_NAME) ? col(CLASS_NAME).cast("string") : nothing();
    Column status = has(STATUS) ? col(STATUS).cast("string") : nothing();
    Dataset<Row> groups =
        table
            .groupBy(usable().as("usable"), col(CLASS_ID).cast("long").as("id"))
            .agg(count(lit(1)), min(name), max(name), min(status));
    return TableClasses.of(
        path,
        explained(path, groups::collectAsList).stream()
            .map(
                row ->
                    new TableClasses.Group(
                        row.getBoolean(0),
                        Optional.ofNullable(row.<Long>getAs(1)),
                        row.getLong(2),
                        Optional.ofNullable(row.getString(3)),
                        Optional.ofNullable(row.getString(4)),
                        Optional.ofNullable(row.getString(5))))
            .toList());
  }

  /**
   * Returns the rows with pictures, in no order.
   *
   * <p>Spark hands over one part of a table at a time, and a part is at least a row group: 128 MB
   * by default, several times over. So a larger table goes through the scratch files of Spark,
   * where it is cut finer.
   *
   * @param partBytes what a part should have at most
   */
  Iterator<Picture> pictures(long partBytes) {
    Column place = table.metadataColumn("_metadata");
    Dataset<Row> pictures =
        table
            .filter(usable())
            .select(
                bytes(table.schema().apply(IMAGE).dataType()).orElseThrow().as("file"),
                col(CLASS_ID).cast("int"),
                (has(SAMPLE_INDEX) ? col(SAMPLE_INDEX).cast("long") : lit(0L)).as(SAMPLE_INDEX),
                place.getField("file_path").as("path"),
                place.getField("row_index").as("row"));
    int parts = Math.toIntExact(bytes() / partBytes + 1);
    Dataset<Row> cut = parts == 1 ? pictures : pictures.repartition(parts, col("path"), col("row"));
    Iterator<Row> rows = explained(path, cut::toLocalIterator);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return explained(path, rows::hasNext);
      }

      @Override
      public Picture next() {
        return picture(rows.next());
      }
    };
  }

  /** Returns what the files of the table take. */
  private long bytes() {
    long bytes = 0;
    try {
      for (String file : table.inputFiles()) {
        Path path = new Path(URI.create(file));
        bytes += path.getFileSystem(settings).getFileStatus(path).getLen();
      }
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read data set '%s': %s", path, e);
    }
    return bytes;
  }

  private Picture picture(Row row) {
    long sampleIndex = row.isNullAt(2) ? Long.MIN_VALUE : row.getLong(2);
    RowPosition position =
        new RowPosition(
            sampleIndex, shown.computeIfAbsent(row.getString(3), this::shown), row.getLong(4));
    return new Picture(position, row.getInt(1), Optional.ofNullable(row.<byte[]>getAs(0)));
  }

  /** Returns the path of a file of the table as it continues the path that the user gave. */
  private String shown(String file) {
    String full = new Path(URI.create(file)).toString();
    return full.startsWith(root) ? path + full.substring(root.length()) : full;
  }

  private Column usable() {
    return has(STATUS) ? coalesce(col(STATUS).cast("string").equalTo("ok"), lit(false)) : lit(true);
  }

  private boolean has(String name) {
    return Arrays.asList(table.schema().fieldNames()).contains(name);
  }

  private static Column nothing() {
    return lit(null).cast("string");
  }

  /** Runs what reads the table: whatever goes wrong there is a fault of its files. */
  private static <T> T explained(String path, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (Exception e) {
      List<Throwable> causes =
          Stream.iterate((Throwable) e, Objects::nonNull, Throwable::getCause).toList();
      Throwable root = causes.get(causes.size() - 1);
      if (root instanceof OutOfMemoryError) {
        throw UserError.because(
            e,
            "Cannot read data set '%s': a task ran out of memory (the heap has %d MiB, and needs a"
                + " few times the largest row group). Give the JVM more with -Xmx.",
            path,
            Runtime.getRuntime().maxMemory() >> 20);
      }
      if (root instanceof Error) {
        throw new IllegalStateException("Cannot read '" + path + "'", e);
      }
      throw UserError.because(e, "Cannot read data set '%s': %s", path, reason(causes, root));
    }
  }

  private static String reason(List<Throwable> causes, Throwable root) {
    String message = String.valueOf(root.getMessage());
    Matcher foreign = NO_PARQUET_FILE.matcher(message);
    if (foreign.lookingAt()) {
      return "'%s' is no Parquet file, or it was cut off (%s)".formatted(foreign.group(1), NEEDED);
    }
    if (message.contains("Unable to infer schema for Parquet")) {
      return "there are no Parquet files in it (" + NEEDED + ")";
    }
    String found = root.toString().lines().findFirst().orElseThrow();
    return causes.stream()
        .map(cause -> DAMAGED_FILE.matcher(String.valueOf(cause.getMessage())))
        .filter(Matcher::find)
        .map(damaged -> "'%s' is damaged (%s)".formatted(damaged.group(1), found))
        .findFirst()
        .orElse(found);
  }
}
