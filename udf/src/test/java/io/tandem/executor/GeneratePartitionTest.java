package io.tandem.executor;

import static io.tandem.executor.TinyRun.BATCH;
import static io.tandem.executor.TinyRun.BATCHES;
import static io.tandem.executor.TinyRun.SEED;
import static io.tandem.executor.TinyRun.site;
import static io.tandem.executor.TinyRun.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.HopelessException;
import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import io.tandem.engine.Machine;
import io.tandem.executor.TaskSite.Signals;
import io.tandem.generate.GeneratedBatch;
import io.tandem.generate.TokenBytes;
import io.tandem.image.ImageCodec;
import io.tandem.image.ImageFile;
import io.tandem.kernel.NativeScope;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.registry.ModelFile;
import io.tandem.registry.ModelLoader;
import io.tandem.registry.ModelRegistry;
import io.tandem.registry.ModelRequest;
import io.tandem.registry.WrongWeightsException;
import io.tandem.testing.Decodes;
import io.tandem.testing.NativeManagers;
import io.tandem.testing.ReplacedTensor;
import io.tandem.testing.Serialization;
import io.tandem.testing.SingleThread;
import io.tandem.transformer.VarTransformer;
import io.tandem.vq.Tokenizer;
import io.tandem.wave.Wave;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SingleThread.class)
class GeneratePartitionTest {

  private static final Wave WAVE = new Wave(0, 0, 12);

  private static final Map<DataType, Class<?>> JAVA_TYPES =
      Map.of(
          DataTypes.StringType, String.class,
          DataTypes.LongType, Long.class,
          DataTypes.IntegerType, Integer.class,
          DataTypes.BooleanType, Boolean.class,
          DataTypes.BinaryType, byte[].class,
          DataTypes.TimestampType, Timestamp.class);

  private final ModelRegistry registry = new ModelRegistry(new Files());
  private long valuesBefore;

  @BeforeEach
  void count() {
    valuesBefore = NativeScope.liveValues();
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(DecodeActivity.ofThisJvm().tasks()).isZero();
    TaskThreads.assertIdle();
    registry.close();
    assertThat(NativeScope.liveValues()).isEqualTo(valuesBefore);
  }

  @Test
  void makesWhatTheGeneratorMakes() {
    List<Row> rows = rows(WAVE, 0, 1, 2);

    assertThat(rows).hasSize(12);
    for (int batch = 0; batch < 3; batch++) {
      GeneratedBatch made = direct(batch);
      for (int i = 0; i < BATCH; i++) {
        Row row = rows.get(batch * BATCH + i);
        byte[] tokens = TokenBytes.of(made.tokens(), BATCH, i);
        byte[] file = row.getStruct(5).getAs(0);
        assertThat(row.getLong(1)).isEqualTo(batch * BATCH + i);
        assertThat(ImageFile.decode(file, "row")).isEqualTo(made.images().get(i));
        assertThat(row.getString(9)).isEqualTo(made.images().get(i).sha256());
        assertThat(row.<byte[]>getAs(16)).isEqualTo(tokens);
        assertThat(row.getString(10)).isEqualTo(Sha256.of(tokens));
      }
    }
  }

  @Test
  void fillsAllColumns() {
    List<Row> rows = rows(WAVE, 1);
    Row row = rows.get(1);

    assertThat(row.getString(0)).isEqualTo("tiny");
    assertThat(row.getLong(1)).isEqualTo(5);
    assertThat(row.getInt(2)).isEqualTo(9);
    assertThat(row.isNullAt(3)).as("class 9 has no name").isTrue();
    assertThat(rows.get(2).getString(3)).isEqualTo("two");
    assertThat(row.getLong(4)).isEqualTo(SEED);
    assertThat(row.getStruct(5).getString(1)).isEqualTo("9/5.png");
    assertThat(row.getInt(6)).isEqualTo(8);
    assertThat(row.getInt(7)).isEqualTo(8);
    assertThat(row.getString(8)).isEqualTo("png");
    assertThat(row.getString(11)).isEqualTo("ok");
    assertThat(row.isNullAt(12)).isTrue();
    assertThat(row.getLong(13)).isEqualTo(1);
    assertThat(row.getInt(14)).isEqualTo(4);
    assertThat(row.getInt(15)).isEqualTo(1);
    Row latency = row.getStruct(17);
    assertThat(latency.getString(0)).isEqualTo("sync");
    assertThat(latency.getInt(2)).isEqualTo(1);
    assertThat(latency.getInt(3)).isEqualTo(1);
    assertThat(latency.getLong(5)).isPositive().isLessThan(latency.getLong(4));
    assertThat(latency.getLong(6)).isPositive();
    Row[] scales = latency.getAs(7);
    assertThat(scales).hasSize(4);
    assertThat(scales[2].getInt(0)).isEqualTo(3);
    assertThat(scales[2].getInt(1)).isEqualTo(3);
    assertThat(scales[2].getInt(2)).isEqualTo(9);
    assertThat(scales[2].getString(3)).isEqualTo("refiner");
    assertThat(scales[2].getInt(4)).isEqualTo(5);
    assertThat(scales[2].getLong(5)).isPositive();
    assertThat(scales[2].getLong(6)).isPositive();
    Row worker = row.getStruct(18);
    assertThat(List.of(worker.get(0), worker.get(1), worker.get(2), worker.get(3)))
        .isEqualTo(List.of("here", "7", "cpu", 42L));
  }

  @Test
  void theFirstBatchOfTheJvmWarmsUp() {
    List<Row> first = rows(WAVE, 0, 1);
    List<Row> again = rows(WAVE, 0);

    assertThat(first)
        .extracting(row -> row.getStruct(17).getBoolean(1))
        .containsExactly(true, true, true, true, false, false, false, false);
    assertThat(again).extracting(row -> row.getStruct(17).getBoolean(1)).containsOnly(false);
  }

  @Test
  void readsNothingBeforeTheFirstRowAndOneBatchAheadAfterwards() {
    AtomicInteger read = new AtomicInteger();
    Iterator<Long> batches = LongStream.range(0, 3).peek(b -> read.incrementAndGet()).iterator();
    try (GeneratedRows rows = new GeneratePartition(spec(), WAVE).rows(batches, site(registry))) {
      assertThat(read).hasValue(0);
      assertThat(registry.models()).isZero();

      List<Integer> seen = new ArrayList<>();
      rows.forEachRemaining(row -> seen.add(read.get()));

      assertThat(seen).containsExactly(2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    }
  }

  @Test
  void anEmptyPartitionLoadsNothing() {
    assertThat(rows(WAVE)).isEmpty();
    assertThat(registry.models()).isZero();
  }

  @Test
  void samplesOutsideTheWaveAreLeftOut() {
    Wave wave = new Wave(3, 2, 7);

    List<Row> rows = rows(wave, 0, 1);

    assertThat(rows).extracting(row -> row.getLong(1)).containsExactly(2L, 3L, 4L, 5L, 6L);
    assertThat(rows.get(0).getString(9)).isEqualTo(direct(0).images().get(2).sha256());
    assertThat(rows).extracting(row -> row.getInt(14)).containsOnly(4);
  }

  @Test
  void aCopyThatWasSentMakesTheSame() {
    GeneratePartition copy = Serialization.roundTrip(new GeneratePartition(spec(), WAVE));

    List<Row> rows = all(copy.rows(List.of(0L, 2L).iterator(), site(registry)));

    assertThat(digests(rows)).isEqualTo(digests(rows(WAVE, 0, 2)));
  }

  @Test
  void rowsFitTheSchema() {
    for (ImageCodec codec : ImageCodec.values()) {
      GenerateSpec spec = spec(TinyRun.models(), SmallerBatches.REFUSED, codec);
      List<Row> rows =
          all(new GeneratePartition(spec, WAVE).rows(List.of(0L).iterator(), site(registry)));

      rows.forEach(row -> assertFits(row, ImagesSchema.schema()));
      assertThat(rows.get(0).isNullAt(5)).isEqualTo(codec == ImageCodec.NONE);
      assertThat((String) rows.get(0).getAs(8)).isEqualTo(codec.format().orElse(null));
      assertThat(rows.get(0).getString(9)).isEqualTo(direct(0).images().get(0).sha256());
    }
  }

  @Test
  void tasksThatFollowEachOtherDecodeInOneThread() {
    Set<String> names = ConcurrentHashMap.newKeySet();
    Signals signals =
        new Signals(
            () -> {
              String name = Thread.currentThread().getName();
              if (name.startsWith("tandem-decode-")) {
                names.add(name);
              }
              return false;
            },
            work -> {});
    for (long batch = 0; batch < 3; batch++) {
      List<Row> rows =
          all(
              new GeneratePartition(spec(), WAVE)
                  .rows(List.of(batch).iterator(), site(registry, signals)));
      assertThat(rows).isNotEmpty();
    }

    assertThat(names).hasSize(1);
  }

  @Test
  void aKilledTaskStopsInTheMiddleOfABatch() {
    AtomicBoolean killed = new AtomicBoolean();
    AtomicInteger asked = new AtomicInteger();
    Signals signals =
        new Signals(
            () -> {
              if (Thread.currentThread().getName().startsWith("tandem-decode")
                  && asked.incrementAndGet() == 8) { // in the second batch
                killed.set(true);
              }
              return killed.get();
            },
            work -> {});
    GeneratedRows rows =
        new GeneratePartition(spec(), WAVE)
            .rows(LongStream.range(0, 3).iterator(), site(registry, signals));

    assertThatThrownBy(() -> all(rows)).isInstanceOf(TaskKilledException.class);

    assertThat(asked.get()).isLessThan(10);
    assertThat(rows.hasNext()).isFalse();
  }

  @Test
  void anInterruptedTaskStopsAndStaysInterrupted() {
    GeneratedRows rows =
        new GeneratePartition(spec(), WAVE).rows(LongStream.range(0, 3).iterator(), site(registry));
    rows.next();
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> all(rows)).isInstanceOf(TaskKilledException.class);

    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void theEndOfATaskGivesEverythingBack() {
    List<Runnable> listeners = new ArrayList<>();
    int managers = NativeManagers.alive();
    GeneratedRows rows =
        new GeneratePartition(spec(), WAVE)
            .rows(
                LongStream.range(0, 3).iterator(),
                site(registry, new Signals(() -> false, listeners::add)));
    rows.next();
    assertThat(DecodeActivity.ofThisJvm().tasks()).isOne();

    listeners.forEach(Runnable::run);

    assertThat(DecodeActivity.ofThisJvm().tasks()).isZero();
    assertThat(NativeManagers.alive()).isEqualTo(managers);
    registry.close();
    assertThat(NativeScope.liveValues()).isEqualTo(valuesBefore);
  }

  @Test
  void aTaskThatThrowsGivesEverythingBack() {
    Iterator<Long> broken =
        new Iterator<>() {
          private int read;

          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public Long next() {
            if (read++ == 1) {
              throw new IllegalStateException("the input broke");
            }
            return 0L;
          }
        };
    GeneratedRows rows = new GeneratePartition(spec(), WAVE).rows(broken, site(registry));

    assertThatThrownBy(rows::hasNext).hasMessage("the input broke");
  }

  @Test
  void logitsThatAreNoNumbersAreRowsWithAnError() {
    try (ModelRegistry bad = new ModelRegistry(new BadHead())) {
      GeneratePartition partition = new GeneratePartition(spec(), WAVE);
      List<Row> rows = all(partition.rows(List.of(1L).iterator(), site(bad)));

      assertThat(rows).hasSize(4);
      assertThat(rows).extracting(row -> row.getString(11)).containsOnly("failed");
      assertThat(rows)
          .extracting(row -> row.getString(12))
          .containsOnly(
              "Cannot draw tokens of sample 4 at scale 3: the logits of 'refiner' are not finite"
                  + " numbers");
      assertThat(rows)
          .allSatisfy(
              row -> {
                for (int column : new int[] {5, 6, 7, 8, 9, 10, 16}) {
                  assertThat(row.isNullAt(column)).as("column %d", column).isTrue();
                }
              });
      rows.forEach(row -> assertFits(row, ImagesSchema.schema()));
    }
  }

  @Test
  void rejectsAnotherMachineBeforeTheFirstSample() {
    NumericIdentity own = spec().execution().identity();
    NumericIdentity other =
        new NumericIdentity("fp32", BATCH, 1, "cpu avx9", own.libtorch(), "0".repeat(64));
    GeneratePartition partition = new GeneratePartition(TinyRun.on(spec(), other), WAVE);

    assertThatThrownBy(() -> all(partition.rows(List.of(0L).iterator(), site(registry))))
        .isInstanceOf(WrongIdentityException.class)
        .isInstanceOf(HopelessException.class)
        .hasMessage(
            "Cannot decode on host here: it has device '"
                + own.device()
                + "' (the run has 'cpu avx9'), code '"
                + own.code()
                + "' (the run has '"
                + "0".repeat(64)
                + "'). Use hosts of one kind with one version of Tandem, or start another run.");
    assertThat(registry.models()).isZero();
  }

  @Test
  void rejectsOtherWeightsBeforeTheFirstSample() {
    NamedModel real = TinyRun.model("drafter", "var_d2.pth");
    NamedModel other = new NamedModel("drafter", real.origin(), real.bytes(), "1".repeat(64));
    GenerateSpec.ModelNames models =
        new GenerateSpec.ModelNames(
            List.of(other, TinyRun.model("refiner", "var_d1.pth")),
            TinyRun.model("vae", "vae.pth"));
    GenerateSpec spec = spec(models, SmallerBatches.REFUSED, ImageCodec.PNG);
    try (ModelRegistry checking = ModelRegistry.ofFiles()) {
      assertThatThrownBy(
              () ->
                  all(
                      new GeneratePartition(spec, WAVE)
                          .rows(List.of(0L).iterator(), site(checking))))
          .isInstanceOf(WrongWeightsException.class)
          .hasMessage(
              "Cannot decode with 'drafter' on host "
                  + Machine.host()
                  + ": the SHA-256 of '"
                  + real.origin()
                  + "' is "
                  + real.sha256()
                  + " there (the run has "
                  + "1".repeat(64)
                  + "). Put the same file on every host.");
    }
  }

  @Test
  void worksOutsideOfSpark() {
    Iterator<Row> rows = new GeneratePartition(spec(), WAVE).call(List.of(0L).iterator());

    // the registry of the JVM keeps its models
    List<String> digests = new ArrayList<>();
    rows.forEachRemaining(row -> digests.add(row.getString(9)));
    valuesBefore = NativeScope.liveValues();

    assertThat(digests)
        .isEqualTo(direct(0).images().stream().map(image -> image.sha256()).toList());
  }

  @Test
  void aLabelThatDoesNotExistFailsTheTask() {
    GenerateSpec spec = spec();
    GenerateSpec wrong =
        new GenerateSpec(
            spec.runId(),
            spec.models(),
            spec.decode(),
            new GenerateSpec.Sampling(
                1,
                new io.tandem.wave.SampleBatches(
                    new io.tandem.wave.CycledLabels(List.of(10)), BATCH)),
            spec.execution(),
            spec.output());

    assertThatThrownBy(
            () ->
                all(
                    new GeneratePartition(wrong, WAVE)
                        .rows(List.of(0L).iterator(), site(registry))))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot make sample 0: its label is 10 (the models know classes 0 to 9)");
  }

  private List<Row> rows(Wave wave, long... batches) {
    return all(
        new GeneratePartition(spec(), wave)
            .rows(LongStream.of(batches).iterator(), site(registry)));
  }

  private static List<Row> all(Iterator<Row> rows) {
    List<Row> all = new ArrayList<>();
    rows.forEachRemaining(all::add);
    return all;
  }

  /** Checks types and missing values, as Spark does when it takes a row. */
  private static void assertFits(Row row, StructType type) {
    assertThat(row.size()).isEqualTo(type.length());
    for (int i = 0; i < row.size(); i++) {
      StructField field = type.apply(i);
      if (row.isNullAt(i)) {
        assertThat(field.nullable()).as(field.name()).isTrue();
      } else {
        assertFits(field.name(), row.get(i), field.dataType());
      }
    }
  }

  private static void assertFits(String name, Object value, DataType type) {
    if (type instanceof StructType struct) {
      assertFits((Row) value, struct);
    } else if (type instanceof ArrayType array) {
      for (Object element : (Object[]) value) {
        assertFits(name, element, array.elementType());
      }
    } else {
      assertThat(value).as(name).isInstanceOf(JAVA_TYPES.get(type));
    }
  }

  private static List<List<Object>> digests(List<Row> rows) {
    return rows.stream()
        .map(row -> List.of(row.get(1), row.get(2), row.get(9), row.get(10)))
        .toList();
  }

  private static GeneratedBatch direct(long batch) {
    try (var models =
        TinyRun.GOLDEN.models(
            Map.of("drafter", TinyRun.GOLDEN.drafter(), "refiner", TinyRun.GOLDEN.refiner()),
            Precision.FP32)) {
      return Decodes.run(models, TinyRun.CODE, BATCHES.request(SEED, batch));
    }
  }

  /** Loads without looking at digests. */
  private static class Files implements ModelLoader {

    @Override
    public VarTransformer transformer(ModelFile file, ModelRequest request) {
      try (WeightSource source = WeightSources.transformer(file.location())) {
        return VarTransformer.load(source, request.precision(), request.device());
      }
    }

    @Override
    public Tokenizer tokeniser(ModelRequest request, ScaleSchedule schedule) {
      try (WeightSource source = WeightSources.tokeniser(request.tokeniser().location())) {
        return Tokenizer.load(source, schedule, request.precision(), request.device());
      }
    }
  }

  private static final class BadHead extends Files {

    @Override
    public VarTransformer transformer(ModelFile file, ModelRequest request) {
      if (file.name().equals("drafter")) {
        return super.transformer(file, request);
      }
      try (WeightSource source =
          ReplacedTensor.withNaN(WeightSources.transformer(file.location()), "head.bias")) {
        return VarTransformer.load(source, request.precision(), request.device());
      }
    }
  }
}
