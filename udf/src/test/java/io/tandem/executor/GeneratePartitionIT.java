package io.tandem.executor;

import static io.tandem.executor.TinyRun.BATCH;
import static io.tandem.executor.TinyRun.BATCHES;
import static io.tandem.executor.TinyRun.SEED;
import static io.tandem.executor.TinyRun.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.HopelessException;
import io.tandem.kernel.NativeScope;
import io.tandem.model.Precision;
import io.tandem.registry.ModelRegistry;
import io.tandem.testing.Decodes;
import io.tandem.wave.Wave;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs inside Spark, with tasks that share this JVM. */
class GeneratePartitionIT {

  private static final int SAMPLES = 18;
  private static final String PLUGIN = TandemPlugin.class.getName();

  @TempDir static Path folder;
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[3]")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .config("spark.local.dir", folder.resolve("scratch").toString())
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toUri().toString())
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.plugins", PLUGIN)
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void tasksMakeWhatTheGeneratorMakesAndLoadModelsOnce() {
    List<List<Object>> expected = expected();
    GenerateProgress.Attempted before = GenerateProgress.ofThisJvm().of("tiny");

    for (int partitions : new int[] {1, 2, 5}) {
      List<Row> rows = images(spec(), partitions).collectAsList();
      assertThat(rows)
          .extracting(
              row ->
                  List.<Object>of(
                      row.getAs("sample_index"), row.getAs("class_id"), row.getAs("pixels_sha256")))
          .as("%d partitions", partitions)
          .isEqualTo(expected);
      assertThat(rows)
          .extracting(row -> row.<Row>getAs("worker").getString(1))
          .containsOnly("driver");
    }

    assertThat(ModelRegistry.ofThisJvm().loadings())
        .extracting(loading -> loading.file().name())
        .containsExactly("drafter", "refiner", "vae");
    long attempted = GenerateProgress.ofThisJvm().of("tiny").images() - before.images();
    assertThat(attempted).isEqualTo(3L * SAMPLES);
    assertThat(metrics()).contains("images_total", "run_images_total", "scale_04_latency_ms");
  }

  @Test
  void aCancelledJobLeavesNothingBehind() throws Exception {
    images(spec(), 1).collectAsList();
    long values = NativeScope.liveValues();
    List<Throwable> thrown = new ArrayList<>();
    Thread job =
        new Thread(
            () -> {
              spark.sparkContext().setJobGroup("cancelled", "a long job", false);
              try {
                spark
                    .range(0, 1_000_000, 1, 2)
                    .mapPartitions(
                        new GeneratePartition(spec(), new Wave(0, 0, 4_000_000)),
                        Encoders.row(ImagesSchema.schema()))
                    .foreach(row -> {});
              } catch (Exception e) { // Spark's own is checked, and not declared
                thrown.add(e);
              }
            });
    job.start();
    await(2);
    TimeUnit.SECONDS.sleep(1);

    spark.sparkContext().cancelJobGroup("cancelled");
    job.join();

    await(0);
    assertThat(thrown).hasSize(1);
    assertThat(thrown.get(0)).hasMessageContaining("cancelled");
    assertThat(NativeScope.liveValues()).isEqualTo(values);
    TaskThreads.assertIdle();
  }

  @Test
  void theDriverFindsWhatIsHopeless() {
    NumericIdentity other =
        new NumericIdentity("fp32", BATCH, 1, "cpu avx9", "none", "0".repeat(64));

    assertThatThrownBy(() -> images(TinyRun.on(spec(), other), 2).collectAsList())
        .satisfies(
            thrown ->
                assertThat(HopelessException.among(thrown))
                    .containsInstanceOf(WrongIdentityException.class));
  }

  @Test
  void columnsHaveComments() {
    assertThat(ImagesSchema.schema().fields())
        .allSatisfy(field -> assertThat(field.getComment().isDefined()).isTrue());
    Dataset<Row> rows = ImagesSchema.commented(images(spec(), 1));
    assertThat(rows.schema().fieldNames()).isEqualTo(ImagesSchema.schema().fieldNames());
    assertThat(rows.schema().apply("tokens").getComment().get())
        .isEqualTo("token ids, uint16 little-endian, coarse to fine, row by row");
  }

  private static Dataset<Row> images(GenerateSpec spec, int partitions) {
    return spark
        .range(0, 5, 1, partitions)
        .mapPartitions(
            new GeneratePartition(spec, new Wave(0, 0, SAMPLES)),
            Encoders.row(ImagesSchema.schema()));
  }

  private static List<List<Object>> expected() {
    List<List<Object>> expected = new ArrayList<>();
    try (var models =
        TinyRun.GOLDEN.models(
            Map.of("drafter", TinyRun.GOLDEN.drafter(), "refiner", TinyRun.GOLDEN.refiner()),
            Precision.FP32)) {
      for (int batch = 0; batch < 5; batch++) {
        var request = BATCHES.request(SEED, batch);
        var images = Decodes.run(models, TinyRun.CODE, request).images();
        for (int i = 0; i < BATCH && batch * BATCH + i < SAMPLES; i++) {
          expected.add(
              List.of(
                  request.samples().get(i).index(),
                  request.samples().get(i).label(),
                  images.get(i).sha256()));
        }
      }
    }
    return expected;
  }

  private static List<String> metrics() {
    List<String> names = new ArrayList<>();
    var sources = SparkEnv.get().metricsSystem().getSourcesByName("plugin." + PLUGIN);
    for (int i = 0; i < sources.size(); i++) {
      names.addAll(sources.apply(i).metricRegistry().getGauges().keySet());
    }
    return names;
  }

  private static void await(int tasks) throws InterruptedException {
    for (int i = 0; i < 600 && DecodeActivity.ofThisJvm().tasks() != tasks; i++) {
      TimeUnit.MILLISECONDS.sleep(100);
    }
    assertThat(DecodeActivity.ofThisJvm().tasks()).isEqualTo(tasks);
  }
}
