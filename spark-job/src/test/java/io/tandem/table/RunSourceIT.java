package io.tandem.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.tandem.base.UserError;
import io.tandem.image.ImageCodec;
import io.tandem.image.RgbImage;
import io.tandem.spark.EmbeddedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RunSourceIT {

  private static final String SPARK_EXTENSION = "ai.djl.spark.task.";

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

  @ParameterizedTest
  @EnumSource(
      value = ImageCodec.class,
      names = {"PNG", "RAW"})
  void theFlattenedStructIsThatOfSparkMl(ImageCodec codec) throws IOException {
    WrittenRun run = run().codec(codec).failing(2L, 30L).uncommitted(1).write(50, 12);

    Dataset<Row> rows = view("flattened");

    assertThat(rows.columns())
        .containsExactly(
            "origin",
            "height",
            "width",
            "nChannels",
            "mode",
            "data",
            "sample_index",
            "class_id",
            "class_name");
    // What BaseImagePredictor of DJL's Spark extension asks of the six columns.
    assertThat(rows.schema().fields())
        .extracting(StructField::dataType)
        .startsWith(
            DataTypes.StringType,
            DataTypes.IntegerType,
            DataTypes.IntegerType,
            DataTypes.IntegerType,
            DataTypes.IntegerType,
            DataTypes.BinaryType);
    List<Row> found = rows.orderBy("sample_index").collectAsList();
    assertThat(found)
        .extracting(row -> row.getLong(6))
        .containsExactlyElementsOf(
            LongStream.range(0, 50)
                .filter(sample -> sample < 12 || sample >= 24)
                .filter(sample -> sample != 2 && sample != 30)
                .boxed()
                .toList());
    for (Row row : found) {
      RgbImage picture = run.picture(row.getLong(6));
      assertThat(row.getInt(1)).isEqualTo(picture.height());
      assertThat(row.getInt(2)).isEqualTo(picture.width());
      assertThat(row.getInt(3)).isEqualTo(3);
      assertThat(row.getInt(4)).isEqualTo(16);
      assertThat(rgb(row.getAs(5))).isEqualTo(picture.rgb());
      assertThat(row.getInt(7)).isEqualTo(run.classOf(row.getLong(6)));
    }
    assertThat(found.get(4).getString(0)).isEqualTo("2/5." + codec.extension());
    assertThat(found.get(4).getString(8)).isEqualTo("dot");
  }

  @Test
  void theImageStructHasTheTypeOfSparkMl() throws IOException {
    WrittenRun run = run().write(6, 6);

    Dataset<Row> rows = view("image");

    // ImageSchema.columnSchema of spark-mllib
    assertThat(rows.schema().apply("image").dataType())
        .isEqualTo(
            new StructType()
                .add("origin", DataTypes.StringType, true)
                .add("height", DataTypes.IntegerType, false)
                .add("width", DataTypes.IntegerType, false)
                .add("nChannels", DataTypes.IntegerType, false)
                .add("mode", DataTypes.IntegerType, false)
                .add("data", DataTypes.BinaryType, false));
    List<Row> blue =
        rows.orderBy("sample_index").selectExpr("image.data", "image.origin").collectAsList();
    assertThat(blue).hasSize(6);
    assertThat(rgb(blue.get(3).getAs(0))).isEqualTo(run.picture(3).rgb());
  }

  @Test
  void theNpzCellsScoreInDjlAsItsBinaryPredictorScoresThem() throws Exception {
    WrittenRun run = run().write(6, 6);
    Path model = ScriptFile.means(folder.resolve("means.pt"));

    List<Row> rows = view("npz").orderBy("sample_index").collectAsList();

    try (ZooModel<byte[], byte[]> loaded = criteria(model).loadModel();
        Predictor<byte[], byte[]> predictor = loaded.newPredictor()) {
      for (Row row : rows) {
        assertMeans(predictor.predict(row.getAs("npz")), run.picture(row.getLong(1)));
      }
    }
    assertThat(rows).hasSize(6);
  }

  @Test
  void djlSeesThePictureInTheFlattenedStruct() throws IOException {
    WrittenRun run = run().write(4, 4);

    Row row = view("flattened").orderBy("sample_index").first();

    // As BaseImagePredictor and ImageEmbedder turn a row into an image.
    byte[] bgr = row.getAs(5);
    int[] pixels = new int[bgr.length / 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (bgr[3 * i + 2] & 255) << 16 | (bgr[3 * i + 1] & 255) << 8 | bgr[3 * i] & 255;
    }
    Image image = ImageFactory.getInstance().fromPixels(pixels, row.getInt(2), row.getInt(1));
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      assertThat(image.toNDArray(manager).toUint8Array()).hasSize(bgr.length);
      assertThat(image.toNDArray(manager).toByteArray()).isEqualTo(run.picture(0).rgb());
    }
  }

  /** With the profile djl-spark, where its artifacts resolve. */
  @Test
  void theBinaryPredictorOfTheSparkExtensionScoresARun() throws Exception {
    Object predictor = ofSparkExtension("binary.BinaryPredictor");
    WrittenRun run = run().write(6, 6);
    Path model = ScriptFile.means(folder.resolve("means.pt"));
    set(predictor, "setEngine", "PyTorch");
    set(predictor, "setModelUrl", model.toUri().toString());
    set(predictor, "setBatchifier", "stack");
    set(predictor, "setInputCol", "npz");
    set(predictor, "setOutputCol", "means");

    List<Row> rows = scored(predictor, view("npz")).orderBy("sample_index").collectAsList();

    assertThat(rows).hasSize(6);
    for (Row row : rows) {
      assertMeans(row.getAs("means"), run.picture(row.getLong(1)));
    }
  }

  /** Likewise: what a vision task says of the schema, without a model. */
  @Test
  void theVisionTasksOfTheSparkExtensionTakeTheFlattenedStruct() throws Exception {
    Object embedder = ofSparkExtension("vision.ImageEmbedder");
    run().write(4, 4);
    Dataset<Row> rows = view("flattened");
    embedder
        .getClass()
        .getMethod("setInputCols", String[].class)
        .invoke(embedder, (Object) List.of(rows.columns()).subList(0, 6).toArray(String[]::new));
    set(embedder, "setOutputCol", "embedding");

    embedder
        .getClass()
        .getMethod("validateInputType", StructType.class)
        .invoke(embedder, rows.schema());

    assertThat(scored(embedder, rows).columns()).contains("embedding");
  }

  @Test
  void picturesAreDecodedOnlyIfTheyAreAskedFor() throws IOException {
    run().write(12, 12);
    Path file = folder.resolve("run/images/wave=0/part-1.parquet");
    assertThat(file).exists();

    Dataset<Row> rows = view("flattened");

    assertThat(rows.count()).isEqualTo(12);
    assertThat(rows.filter("class_id = 1").select("sample_index").collectAsList()).hasSize(4);
    assertThat(rows.select("sample_index").queryExecution().executedPlan().toString())
        .doesNotContain("data");
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    run().uncommitted(0).write(4, 4);
    assertThatThrownBy(() -> view("flattened"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read the pictures of run '%s': it has no committed wave. Make it with generate.",
            folder.resolve("run"));
    assertThatThrownBy(() -> view("bgr"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read a run as view 'bgr' (flattened, image, npz). Correct the option 'view'.");
    assertThatThrownBy(() -> session.read().format("tandem").load())
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read a run: no path was given (the folder that generate wrote to is needed)."
                + " Pass it to load.");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> session.read().format("tandem").load(empty.toString()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read run '%s': there is no run.json in it (the folder that generate wrote to is"
                + " needed)",
            empty);
  }

  @Test
  void aRunThatKeepsNoPicturesIsAnError() throws IOException {
    run().codec(ImageCodec.NONE).write(4, 4);

    assertThatThrownBy(() -> view("npz"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read the pictures of run '%s': it keeps none (it was made with --image-format"
                + " none). Make it again with --image-format png.",
            folder.resolve("run"));
  }

  private WrittenRun run() {
    return new WrittenRun(folder.resolve("run"));
  }

  private Dataset<Row> view(String view) {
    return session
        .read()
        .format("tandem")
        .option("view", view)
        .load(folder.resolve("run").toString());
  }

  private static byte[] rgb(byte[] bgr) {
    byte[] rgb = new byte[bgr.length];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = bgr[i / 3 * 3 + 2 - i % 3];
    }
    return rgb;
  }

  /**
   * The model with the translator of BinaryPredictor: arrays of a cell in, arrays of a cell out.
   */
  private static Criteria<byte[], byte[]> criteria(Path model) {
    return Criteria.builder()
        .setTypes(byte[].class, byte[].class)
        .optEngine("PyTorch")
        .optDevice(Device.cpu())
        .optModelPath(model)
        .optTranslator(
            new Translator<byte[], byte[]>() {
              @Override
              public NDList processInput(TranslatorContext context, byte[] cell) {
                return NDList.decode(context.getNDManager(), cell);
              }

              @Override
              public byte[] processOutput(TranslatorContext context, NDList list) {
                return list.encode(NDList.Encoding.NPZ);
              }

              @Override
              public Batchifier getBatchifier() {
                return Batchifier.STACK;
              }
            })
        .build();
  }

  private static void assertMeans(byte[] cell, RgbImage picture) {
    double[] means = new double[3];
    byte[] rgb = picture.rgb();
    for (int i = 0; i < rgb.length; i++) {
      means[i % 3] += (rgb[i] & 255) / 255.0 / (rgb.length / 3);
    }
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      float[] found = NDList.decode(manager, cell).singletonOrThrow().toFloatArray();
      assertThat(found).hasSize(3);
      for (int channel = 0; channel < 3; channel++) {
        // A mean of 64 float32 numbers up to 1.
        assertThat((double) found[channel]).isCloseTo(means[channel], within(1e-6));
      }
    }
  }

  private static Object ofSparkExtension(String task) throws ReflectiveOperationException {
    boolean isThere;
    try {
      Class.forName(SPARK_EXTENSION + task);
      isThere = true;
    } catch (ClassNotFoundException e) {
      isThere = false;
    }
    assumeThat(isThere)
        .as(
            "DJL's Spark extension is on the class path: pass -Pdjl-spark where"
                + " ai.djl.spark:spark_2.12 and org.apache.spark:spark-mllib_2.12 resolve")
        .isTrue();
    return Class.forName(SPARK_EXTENSION + task).getConstructor().newInstance();
  }

  private static void set(Object task, String setter, String value)
      throws ReflectiveOperationException {
    task.getClass().getMethod(setter, String.class).invoke(task, value);
  }

  @SuppressWarnings("unchecked")
  private static Dataset<Row> scored(Object task, Dataset<Row> rows)
      throws ReflectiveOperationException {
    return (Dataset<Row>) task.getClass().getMethod("transform", Dataset.class).invoke(task, rows);
  }
}
