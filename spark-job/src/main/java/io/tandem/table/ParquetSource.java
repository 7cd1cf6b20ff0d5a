package io.tandem.table;

import static io.tandem.base.Checks.check;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.tandem.base.HopelessException;
import io.tandem.base.Reason;
import io.tandem.base.UserError;
import io.tandem.store.FileSystems;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * A Parquet table that a user named, as Spark reads it, and the words for what is wrong with it.
 */
final class ParquetSource {

  static final String CLASS_ID = "class_id";
  static final String SAMPLE_INDEX = "sample_index";

  private static final Set<DataType> INTEGERS =
      Set.of(DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType);

  private static final String NEEDED = "a Parquet file or a folder of them is needed";

  /** What Spark says of files of other kinds. */
  private static final Pattern NO_PARQUET_FILE = Pattern.compile("(.*) is not a Parquet file");

  /** What Spark says of files that end too early, or are no longer what their footer says. */
  private static final Pattern DAMAGED_FILE =
      Pattern.compile("error while reading file (\\S*)\\. ");

  private final String subject;
  private final String path;
  private final String root;
  private final Dataset<Row> table;

  /** What messages call each file, so that rows share one string. */
  private final Map<String, String> shown = new HashMap<>();

  private ParquetSource(String subject, String path, Path root, Dataset<Row> table) {
    this.subject = subject;
    this.path = path;
    this.root = root.toString();
    this.table = table;
  }

  /**
   * Opens the table at {@code path}, whose settings are those of {@code session}.
   *
   * @param kind what messages call it, before its path
   * @throws UserError if there is none
   */
  static ParquetSource open(SparkSession session, String kind, String path) {
    String subject = kind + " '" + path + "'";
    Path root = qualified(session, subject, path);
    SparkSession reader = reader(session);
    try {
      Dataset<Row> table =
          explained(
              subject, () -> reader.read().option("mergeSchema", true).parquet(literal(root)));
      return new ParquetSource(subject, path, root, table);
    } catch (AssertionError e) { // so says Spark that folders do not belong together
      throw UserError.because(
          e, "Cannot read %s: its folders are no partitions of one table (%s)", subject, NEEDED);
    }
  }

  /** Returns a session of its own, because its settings are for one table only. */
  private static SparkSession reader(SparkSession session) {
    SparkSession reader = session.newSession();
    reader.conf().set("spark.sql.caseSensitive", true);
    reader.conf().set("spark.sql.shuffle.partitions", 1);
    // A batch holds all pictures of its rows.
    reader.conf().set("spark.sql.parquet.columnarReaderBatchSize", 16);
    return reader;
  }

  private static Path qualified(SparkSession session, String subject, String path) {
    boolean exists;
    Path root;
    try {
      root = new Path(path);
      FileSystem files = FileSystems.of(root, session.sparkContext().hadoopConfiguration());
      exists = files.exists(root);
      root = files.makeQualified(root);
    } catch (IOException | IllegalArgumentException e) {
      throw UserError.because(e, "Cannot read %s: %s", subject, e);
    }
    check(exists, "Cannot read %s: there is no such file or folder (%s)", subject, NEEDED);
    return root;
  }

  /**
   * Opens some files as one table.
   *
   * @param subject what messages call it
   * @param path the folder of them all, as the user gave it
   */
  static ParquetSource ofFiles(
      SparkSession session, String subject, String path, List<Path> files) {
    SparkSession reader = reader(session);
    String[] names = files.stream().map(ParquetSource::literal).toArray(String[]::new);
    Dataset<Row> table =
        explained(subject, () -> reader.read().option("mergeSchema", true).parquet(names));
    return new ParquetSource(subject, path, new Path(path), table);
  }

  /** Returns the same with another table, made of this one's. */
  ParquetSource with(UnaryOperator<Dataset<Row>> change) {
    return new ParquetSource(subject, path, new Path(root), change.apply(table));
  }

  /** Returns a pattern that fits {@code root} alone, since Spark takes paths for patterns. */
  static String literal(Path root) {
    return root.toString().replaceAll("[{}\\[\\]*?\\\\]", "\\\\$0");
  }

  /** Returns all its rows. */
  Dataset<Row> table() {
    return table;
  }

  boolean has(String name) {
    return columns().contains(name);
  }

  private List<String> columns() {
    return Arrays.asList(table.schema().fieldNames());
  }

  /** Passes if there is a column {@code name}. */
  void checkColumn(String name) {
    check(
        has(name),
        "Cannot read %s: it has no column '%s' (its columns are %s)",
        subject,
        name,
        String.join(", ", columns()));
  }

  /** Returns whether the column {@code name} holds integers. */
  boolean isInteger(String name) {
    return INTEGERS.contains(table.schema().apply(name).dataType());
  }

  /** Passes if the column {@code name} holds integers. */
  void checkInteger(String name) {
    DataType type = table.schema().apply(name).dataType();
    check(
        isInteger(name),
        "Cannot read %s: column '%s' is %s (an integer type is needed)",
        subject,
        name,
        type.catalogString());
  }

  /** Returns the column {@code sample_index}, the same number everywhere if there is none. */
  Column sampleIndex() {
    return (has(SAMPLE_INDEX) ? col(SAMPLE_INDEX).cast("long") : lit(0L)).as(SAMPLE_INDEX);
  }

  /** Returns the URI of the file of each row. */
  Column file() {
    return table.metadataColumn("_metadata").getField("file_path").as("path");
  }

  /** Returns the index of each row in its file. */
  Column rowIndex() {
    return table.metadataColumn("_metadata").getField("row_index").as("row");
  }

  /** Returns the position that rows of the three columns above tell, from column {@code at} on. */
  RowPosition position(Row row, int at) {
    long sampleIndex = row.isNullAt(at) ? Long.MIN_VALUE : row.getLong(at);
    return new RowPosition(
        sampleIndex,
        shown.computeIfAbsent(row.getString(at + 1), this::shown),
        row.getLong(at + 2));
  }

  /** Returns the path of a file of the table as it continues the path that the user gave. */
  private String shown(String file) {
    String full = new Path(URI.create(file)).toString();
    return full.startsWith(root) ? path + full.substring(root.length()) : full;
  }

  /** Returns what the files of the table take, in bytes. */
  long bytes() {
    long bytes = 0;
    try {
      for (String file : table.inputFiles()) {
        Path path = new Path(URI.create(file));
        bytes +=
            path.getFileSystem(table.sparkSession().sparkContext().hadoopConfiguration())
                .getFileStatus(path)
                .getLen();
      }
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read %s: %s", subject, e);
    }
    return bytes;
  }

  /** Returns name, length and time of change of each file of the table, in the order of names. */
  List<String> versions() {
    List<String> versions = new ArrayList<>();
    try {
      for (String file : table.inputFiles()) {
        Path path = new Path(URI.create(file));
        FileStatus status =
            path.getFileSystem(table.sparkSession().sparkContext().hadoopConfiguration())
                .getFileStatus(path);
        versions.add(shown(file) + " " + status.getLen() + " " + status.getModificationTime());
      }
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read %s: %s", subject, e);
    }
    Collections.sort(versions);
    return versions;
  }

  /** Runs what reads the table: whatever goes wrong there is a fault of its files. */
  <T> T explained(Supplier<T> reading) {
    return explained(subject, reading);
  }

  /** Runs what reads the table and does other things, which keep their own words. */
  void explainedIfDamaged(Runnable work) {
    try {
      work.run();
    } catch (Exception e) { // Spark throws checked ones without saying so
      boolean isOfFile =
          Stream.iterate((Throwable) e, Objects::nonNull, Throwable::getCause)
              .map(cause -> String.valueOf(cause.getMessage()))
              .anyMatch(
                  message ->
                      DAMAGED_FILE.matcher(message).find()
                          || NO_PARQUET_FILE.matcher(message).lookingAt());
      if (!isOfFile || HopelessException.among(e).isPresent()) {
        throw e;
      }
      throw explanation(subject, e);
    }
  }

  private static <T> T explained(String subject, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (UserError e) {
      throw e;
    } catch (Exception e) {
      if (HopelessException.among(e).isPresent()) {
        throw e;
      }
      throw explanation(subject, e);
    }
  }

  private static RuntimeException explanation(String subject, Exception e) {
    List<Throwable> causes =
        Stream.iterate((Throwable) e, Objects::nonNull, Throwable::getCause).toList();
    Throwable root = causes.get(causes.size() - 1);
    if (root instanceof OutOfMemoryError) {
      return UserError.because(
          e,
          "Cannot read %s: a task ran out of memory (the heap has %d MiB, and needs a few times"
              + " the largest row group). Give the JVM more with -Xmx.",
          subject,
          Runtime.getRuntime().maxMemory() >> 20);
    }
    if (root instanceof Error) {
      return new IllegalStateException("Cannot read " + subject, e);
    }
    return UserError.because(e, "Cannot read %s: %s", subject, reason(causes, root));
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
    String found = Reason.of(root).lines().findFirst().orElseThrow();
    return causes.stream()
        .map(cause -> DAMAGED_FILE.matcher(String.valueOf(cause.getMessage())))
        .filter(Matcher::find)
        .map(damaged -> "'%s' is damaged (%s)".formatted(damaged.group(1), found))
        .findFirst()
        .orElse(found);
  }

  /** Returns what messages call the table. */
  @Override
  public String toString() {
    return subject;
  }
}
