package io.tandem.table;

import static io.tandem.table.ImageTables.table;
import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.spark.EmbeddedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelColumnIT {

  private static EmbeddedSpark spark;
  private static SparkSession session;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = EmbeddedSpark.open(1);
    session = spark.session();
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @Test
  void givesLabelsInTheOrderOfTheirSampleIndexes() {
    write(
        session
            .range(1000)
            .select(
                col("id").multiply(7).mod(1000).as("sample_index"),
                col("id").multiply(7).mod(1000).mod(13).cast("int").as("class_id"))
            .repartition(3),
        "t");

    // In parts of a hundred rows.
    LabelColumn labels = LabelColumn.open(session, path("t"), 100);

    assertThat(labels.rows()).isEqualTo(1000);
    assertThat(all(labels)).isEqualTo(IntStream.range(0, 1000).mapToObj(i -> i % 13).toList());
    assertThat(all(labels)).as("a second time").hasSize(1000);
  }

  @Test
  void givesLabelsInTheOrderOfFilesAndRowsWhereNoSampleIndexesAre() throws IOException {
    write(session.range(5).select(col("id").as("class_id")).coalesce(1), "b");
    write(session.range(10, 15).select(col("id").as("class_id")).coalesce(1), "a");
    Files.createDirectory(folder.resolve("t"));
    Files.copy(file("b"), folder.resolve("t/1.parquet"));
    Files.copy(file("a"), folder.resolve("t/0.parquet"));

    assertThat(all(LabelColumn.open(session, path("t"))))
        .containsExactly(10, 11, 12, 13, 14, 0, 1, 2, 3, 4);
  }

  @Test
  void takesTheImagesOfAnotherRun() {
    TestRun run = new TestRun(session, folder);
    run.write(0, 0, 22, 2);
    run.write(1, 22, 40, 1);

    assertThat(all(LabelColumn.open(session, path("images"))))
        .isEqualTo(IntStream.range(0, 40).mapToObj(GeneratedRows::classOf).toList());
  }

  @Test
  void namesWhatIsWrongWithATable() throws IOException {
    write(table(session, "label INT, sample_index BIGINT", row(1, 0L)), "a");
    write(table(session, "class_id STRING", row("cat")), "b");
    write(table(session, "class_id INT"), "c");
    write(table(session, "class_id INT", row(3), row((Object) null)), "d");
    write(table(session, "class_id INT, sample_index BIGINT", row(-1, 7L), row(-2, 5L)), "e");
    write(table(session, "class_id BIGINT", row(1L << 31)), "f");
    write(table(session, "class_id INT, sample_index STRING", row(1, "x")), "g");

    assertRejected("a", "it has no column 'class_id' (its columns are label, sample_index)");
    assertRejected("b", "column 'class_id' is string (an integer type is needed)");
    assertRejected("c", "it has no rows (one label in each is needed)");
    assertRejected(
        "d", "class_id is null in '%s, row index 1' (0 to 2147483647 is needed)", file("d"));
    assertRejected(
        "e", "class_id is -2 in '%s, row index 1' (0 to 2147483647 is needed)", file("e"));
    assertRejected(
        "f", "class_id is 2147483648 in '%s, row index 0' (0 to 2147483647 is needed)", file("f"));
    assertRejected("g", "column 'sample_index' is string (an integer type is needed)");
    assertRejected(
        "h", "there is no such file or folder (a Parquet file or a folder of them is needed)");
  }

  private void assertRejected(String name, String reason, Object... args) {
    assertThatThrownBy(() -> LabelColumn.open(session, path(name)))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read labels '%s': %s", path(name), reason.formatted(args));
  }

  private static Object[] row(Object... values) {
    return values;
  }

  private static List<Integer> all(LabelColumn column) {
    List<Integer> labels = new ArrayList<>();
    for (PrimitiveIterator.OfInt next = column.labels(); next.hasNext(); ) {
      labels.add(next.nextInt());
    }
    return labels;
  }

  private void write(Dataset<Row> rows, String name) {
    rows.write().parquet(path(name));
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private Path file(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }
}
