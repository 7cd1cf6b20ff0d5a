package io.tandem.table;

import static io.tandem.table.ImageTables.SHAPES;
import static io.tandem.table.ImageTables.SIDE;
import static io.tandem.table.ImageTables.png;
import static io.tandem.table.ImageTables.shapes;
import static io.tandem.table.ImageTables.table;
import static io.tandem.table.ImageTables.write;
import static io.tandem.table.ImageTables.writer;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.rand;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.dataset.LabelledImages;
import io.tandem.dataset.SquareCrop;
import io.tandem.fault.DamagedFile;
import io.tandem.image.RgbImage;
import io.tandem.spark.EmbeddedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetImagesIT {

  /** So that small files are read in several parts. */
  private static final String SMALLEST_SPLIT = "spark.sql.files.openCostInBytes";

  private static EmbeddedSpark spark;
  private static SparkSession session;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    System.setProperty(SMALLEST_SPLIT, "8192");
    spark = EmbeddedSpark.open(2);
    session = spark.session();
  }

  @AfterAll
  static void stop() {
    spark.close();
    System.clearProperty(SMALLEST_SPLIT);
  }

  @Test
  void readsRowsInTheOrderOfTheirSampleIndexes() {
    write(shapes(session, 150).orderBy(rand(1)).repartition(3), folder.resolve("t"));

    ParquetImages images = read("t");

    assertThat(images.classNames()).isEqualTo(SHAPES.classNames());
    assertThat(images.side()).isEqualTo(SIDE);
    assertThat(images.skipped()).isZero();
    assertThat(classIds(images))
        .isEqualTo(IntStream.range(0, 150).mapToObj(SHAPES::classId).toList());
    assertThat(pictures(images))
        .isEqualTo(IntStream.range(0, 150).mapToObj(SHAPES::image).toList());
  }

  @Test
  void isTheSameDataSetHoweverItIsStored() {
    Dataset<Row> shapes = shapes(session, 40);
    write(shapes.coalesce(1), folder.resolve("one-file"));
    writer(shapes.repartition(4)).partitionBy("class_id").parquet(path("by-class"));
    writer(
            shapes
                .repartition(3)
                .select(
                    col("image.bytes").as("image"),
                    col("class_id"),
                    col("sample_index").cast("int").as("sample_index"),
                    col("class_name")))
        .option("compression", "gzip")
        .parquet(path("binary"));

    ParquetImages images = read("one-file");

    assertThat(images.identity())
        .matches("table of 40 pictures, side 16, classes and pixels sha256 [0-9a-f]{64}")
        .isEqualTo(read("by-class").identity())
        .isEqualTo(read("binary").identity())
        .isNotEqualTo(ParquetImages.read(session, path("one-file"), SIDE / 2).identity());
  }

  @Test
  void readsASingleFile() throws IOException {
    write(shapes(session, 20).coalesce(1), folder.resolve("t"));

    ParquetImages images = ParquetImages.read(session, dataFile("t").toString(), SIDE);

    assertThat(images.size()).isEqualTo(20);
  }

  @Test
  void followsRowsWhereNoSampleIndexesAre() throws IOException {
    Dataset<Row> shapes = shapes(session, 400).drop("sample_index", "class_name");
    write(shapes.coalesce(1), folder.resolve("t"));
    assertThat(session.read().parquet(path("t")).rdd().getNumPartitions()).isGreaterThan(1);

    assertThat(pictures(read("t")))
        .isEqualTo(IntStream.range(0, 400).mapToObj(SHAPES::image).toList());
  }

  @Test
  void takesTablesInPartsThatFit() {
    Dataset<Row> shapes = shapes(session, 400).drop("sample_index");
    write(shapes.coalesce(1), folder.resolve("t"));
    ParquetImages.Limits limits = new ParquetImages.Limits(1 << 28, 10_000);

    ParquetImages images = ParquetImages.read(session, path("t"), SIDE, limits);

    assertThat(images.identity()).isEqualTo(read("t").identity());
  }

  @Test
  void readsByClassFoldersInTheOrderOfTheirPaths() {
    Dataset<Row> shapes = shapes(session, 200).drop("sample_index");
    writer(shapes.coalesce(1)).partitionBy("class_id").parquet(path("t"));

    ParquetImages images = read("t");

    // Twenty of each class, in the order in which they were drawn.
    assertThat(pictures(images))
        .isEqualTo(
            IntStream.range(0, 10)
                .boxed()
                .flatMap(
                    classId ->
                        IntStream.range(0, 200)
                            .filter(i -> SHAPES.classId(i) == classId)
                            .mapToObj(SHAPES::image))
                .toList());
  }

  @Test
  void skipsRowsWithoutAPictureByTheirStatus() {
    Dataset<Row> shapes =
        shapes(session, 100)
            .withColumn(
                "status",
                when(col("sample_index").mod(7).equalTo(3), "failed")
                    .when(col("sample_index").equalTo(50), lit(null))
                    .otherwise("ok"))
            .withColumn("image", when(col("status").equalTo("ok"), col("image")));
    write(shapes.repartition(2), folder.resolve("t"));
    write(shapes.drop("sample_index").coalesce(1), folder.resolve("u"));
    List<Integer> kept =
        IntStream.range(0, 100).filter(i -> i % 7 != 3 && i != 50).boxed().toList();

    ParquetImages images = read("t");

    assertThat(images.skipped()).isEqualTo(15);
    assertThat(pictures(images)).isEqualTo(kept.stream().map(SHAPES::image).toList());
    assertThat(read("u").identity()).isEqualTo(images.identity());
  }

  @Test
  void cropsAsOtherDataSetsDo() {
    write(shapes(session, 20).coalesce(1), folder.resolve("t"));

    ParquetImages images = ParquetImages.read(session, path("t"), 9);

    assertThat(images.side()).isEqualTo(9);
    assertThat(images.image(13)).isEqualTo(SquareCrop.of(SHAPES.image(13), 9));
  }

  @Test
  void namesClassesByTheirIdsWhereNoNamesAre() {
    write(shapes(session, 20).drop("class_name"), folder.resolve("t"));

    assertThat(read("t").classNames())
        .isEqualTo(IntStream.range(0, 10).mapToObj(Integer::toString).toList());
  }

  @Test
  void readsFilesWithDifferentColumns() {
    Dataset<Row> shapes = shapes(session, 40);
    write(shapes.filter("sample_index < 20").drop("class_name"), folder.resolve("t/wave=0"));
    write(
        shapes.filter("sample_index >= 20").withColumn("status", lit("failed")),
        folder.resolve("t/wave=1"));

    assertThatThrownBy(() -> read("t"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read data set '%s': none of its 40 rows has status 'ok' (found: 'failed')",
            path("t"));
  }

  @Test
  void takesPathsAsTheyAre() throws IOException {
    String name = "a b%20[1-2]{c}*?+\\é";
    write(shapes(session, 20), folder.resolve("t"));
    Files.move(folder.resolve("t"), folder.resolve(name));

    assertThat(read(name).size()).isEqualTo(20);
    assertThat(ParquetImages.read(session, "file:" + path(name), SIDE).size()).isEqualTo(20);
  }

  @Test
  void outlivesTheSession() {
    write(shapes(session, 20), folder.resolve("t"));
    ParquetImages images = read("t");
    spark.close();

    try {
      assertThat(images.image(19)).isEqualTo(SHAPES.image(19));
    } finally {
      start();
    }
  }

  @Test
  void rejectsIndexesThatAreNotThere() {
    write(shapes(session, 20), folder.resolve("t"));
    ParquetImages images = read("t");

    assertThatThrownBy(() -> images.image(20)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> images.classId(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void namesATableThatIsNotThere() {
    assertRejected(
        path("t"),
        "there is no such file or folder (a Parquet file or a folder of them is needed)");
    assertRejected("s9://bucket/t", "No FileSystem for scheme \"s9\"");
    assertRejected("", "Can not create a Path from an empty string");
  }

  @Test
  void namesWhatIsNoTable() throws IOException {
    Path text = Files.writeString(folder.resolve("my notes.txt"), "not a table, but long enough");
    Files.createDirectory(folder.resolve("empty"));

    assertRejected(
        text.toString(),
        "'file:%s' is no Parquet file, or it was cut off (a Parquet file or a folder of them is"
            + " needed)",
        text);
    assertRejected(
        path("empty"),
        "there are no Parquet files in it (a Parquet file or a folder of them is needed)");
  }

  /** Such as the folder of a run instead of the images in it. */
  @Test
  void namesAFolderOfSeveralTables() {
    write(shapes(session, 20).coalesce(1), folder.resolve("t/images/wave=0"));
    write(shapes(session, 20).coalesce(1), folder.resolve("t/runs"));

    assertRejected(
        path("t"),
        "its folders are no partitions of one table (a Parquet file or a folder of them is"
            + " needed)");
  }

  @Test
  void namesAFileThatIsCutOff() throws IOException {
    write(shapes(session, 20).coalesce(1), folder.resolve("t"));
    Path file = dataFile("t");
    byte[] bytes = Files.readAllBytes(file);
    DamagedFile.rewrite(file, Arrays.copyOf(bytes, bytes.length / 2));

    assertRejected(
        path("t"),
        "'file:%s' is no Parquet file, or it was cut off (a Parquet file or a folder of them is"
            + " needed)",
        file);
  }

  @Test
  void namesAFileThatIsDamagedInside() throws IOException {
    write(shapes(session, 20).coalesce(1), folder.resolve("t"));
    Path file = dataFile("t");
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, 4, 400, (byte) 0x55);
    DamagedFile.rewrite(file, bytes);

    assertThatThrownBy(() -> read("t"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "Cannot read data set '%s': 'file://%s' is damaged (", path("t"), file);
  }

  @Test
  void namesAColumnThatIsMissing() {
    write(shapes(session, 20).withColumnRenamed("image", "picture"), folder.resolve("a"));
    write(shapes(session, 20).withColumnRenamed("class_id", "label"), folder.resolve("b"));

    assertRejected(
        path("a"),
        "it has no column 'image' (its columns are picture, class_id, class_name, sample_index)");
    assertRejected(
        path("b"),
        "it has no column 'class_id' (its columns are image, label, class_name, sample_index)");
  }

  @Test
  void namesAColumnOfAnotherType() {
    Dataset<Row> shapes = shapes(session, 20);
    write(shapes.withColumn("image", col("image.path")), folder.resolve("a"));
    write(shapes.withColumn("class_id", col("class_name")), folder.resolve("b"));
    write(
        shapes.withColumn("sample_index", col("sample_index").cast("double")), folder.resolve("c"));

    assertRejected(
        path("a"),
        "column 'image' is string (binary, or a struct with a binary field 'bytes', is needed)");
    assertRejected(path("b"), "column 'class_id' is string (an integer type is needed)");
    assertRejected(path("c"), "column 'sample_index' is double (an integer type is needed)");
  }

  @Test
  void namesClassesThatAreMissing() {
    write(shapes(session, 20).filter("class_id = 4"), folder.resolve("a"));
    write(shapes(session, 20).filter("class_id != 4"), folder.resolve("b"));
    write(shapes(session, 20).filter("class_id > 20"), folder.resolve("c"));
    write(
        shapes(session, 20).withColumn("class_id", col("class_id").minus(1)), folder.resolve("d"));

    assertRejected(path("a"), "it has one class, 4 (at least two are needed)");
    assertRejected(
        path("b"),
        "no row has class_id 4 (each id from 0 to the largest, 9, is needed). Number the classes"
            + " without holes.");
    assertRejected(path("c"), "it has no rows");
    assertRejected(path("d"), "class_id is -1 in 2 of its rows (0 or more is needed)");
  }

  @Test
  void namesRowsWhosePicturesCannotBeUsed() throws IOException {
    String columns = "image BINARY, class_id BIGINT, status STRING";
    byte[] cut = Arrays.copyOf(png(1), 100);
    write(
        table(session, columns, row(png(0), 0, "ok"), row(null, 1, "failed"), row(null, 1, "ok")),
        folder.resolve("a"));
    write(table(session, columns, row(png(0), 0, "ok"), row(cut, 1, "ok")), folder.resolve("b"));
    write(
        table(session, columns, row(png(0), 0, "ok"), row(new byte[0], 1, "ok")),
        folder.resolve("c"));
    write(table(session, columns, row(png(0), 0, "ok"), row(png(1), 1, "ok")), folder.resolve("d"));

    assertThatThrownBy(() -> read("a"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read picture '%s, row index 2': there is none (its bytes must be in the table)",
            dataFile("a"));
    assertThatThrownBy(() -> read("b"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "Cannot read picture '%s, row index 1': it is damaged (", dataFile("b"));
    assertThatThrownBy(() -> read("c"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read picture '%s, row index 1': it is neither PNG nor JPEG", dataFile("c"));
    assertThatThrownBy(() -> ParquetImages.read(session, path("d"), 17))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot crop picture '%s, row index 0' to 17 x 17 pixels: it has 16 x 16 (at least as many both ways)",
            dataFile("d"));
  }

  @Test
  void namesTheMemoryThatIsMissing() {
    write(shapes(session, 1000), folder.resolve("t"));

    ParquetImages.Limits limits = new ParquetImages.Limits(1_000_000, 1 << 24);
    assertThatThrownBy(() -> ParquetImages.read(session, path("t"), SIDE, limits))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot hold data set '%s': 1000 pictures of side 16 take 0.7 MiB (at most 0.6, two"
                + " thirds of the heap). Give the JVM -Xmx2m or more, or take a part of the table.",
            path("t"));
  }

  @Test
  void rejectsASideWithoutPixels() {
    assertThatThrownBy(() -> ParquetImages.read(session, path("t"), 0))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read pictures of side 0 (at least 1 pixel)");
  }

  private static Object[] row(byte[] image, long classId, String status) {
    return new Object[] {image, classId, status};
  }

  private static void assertRejected(String path, String reason, Object... args) {
    assertThatThrownBy(() -> ParquetImages.read(session, path, SIDE))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read data set '%s': %s", path, reason.formatted(args));
  }

  private ParquetImages read(String name) {
    return ParquetImages.read(session, path(name), SIDE);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private Path dataFile(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  private static List<Integer> classIds(LabelledImages images) {
    return LongStream.range(0, images.size()).mapToObj(images::classId).toList();
  }

  private static List<RgbImage> pictures(LabelledImages images) {
    return LongStream.range(0, images.size()).mapToObj(images::image).toList();
  }
}
