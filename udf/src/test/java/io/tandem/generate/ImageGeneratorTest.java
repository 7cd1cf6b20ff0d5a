package io.tandem.generate;

import static io.tandem.testing.FloatArrays.assertClose;
import static io.tandem.testing.FloatArrays.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.kernel.LibTorch;
import io.tandem.kernel.NativeScope;
import io.tandem.metrics.LatencyMode;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.metrics.LatencyReport;
import io.tandem.model.Precision;
import io.tandem.plan.DecodePlan;
import io.tandem.sample.SamplingConfig;
import io.tandem.testing.Decodes;
import io.tandem.testing.GoldenCase;
import io.tandem.testing.NativeManagers;
import io.tandem.testing.RecordingObserver;
import io.tandem.testing.ReplacedTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ImageGeneratorTest {

  private static final GoldenCase GOLDEN = GoldenCase.tiny();
  private static final int SCALES = GOLDEN.scales();
  private static final SamplingConfig FILTERED = SamplingConfig.uniform(60, 0.96, 1.1, SCALES);
  private static final DecodeConfig CODE =
      Decodes.sampled(
          DecodePlan.collaborative("drafter", "refiner", 2, SCALES), GOLDEN.guidance(), FILTERED);

  private static ModelSet models;

  @BeforeAll
  static void load() {
    models =
        GOLDEN.models(
            Map.of("drafter", GOLDEN.drafter(), "refiner", GOLDEN.refiner()), Precision.FP32);
  }

  @AfterAll
  static void unload() {
    models.close();
  }

  @Test
  void leavesNoNativeValuesAndNoManagersBehind() {
    Decodes.run(models, CODE, request(5, 0, 4));
    long values = NativeScope.liveValues();
    int managers = NativeManagers.alive();

    for (int i = 0; i < 3; i++) {
      Decodes.run(models, CODE, request(5, 4L * i, 4));
      assertThat(NativeScope.liveValues()).isEqualTo(values);
      assertThat(NativeManagers.alive()).isEqualTo(managers);
    }
  }

  @Test
  void leavesNothingBehindWhenADecodeFails() {
    long values = NativeScope.liveValues();
    int managers = NativeManagers.alive();
    DecodeObserver failing =
        new DecodeObserver() {
          @Override
          public void accumulated(int scale, io.tandem.kernel.Tensor featureMap) {
            if (scale == 2) {
              throw new IllegalStateException("stop here");
            }
          }
        };

    assertThatThrownBy(
            () ->
                new ImageGenerator(models, CODE)
                    .generate(
                        request(5, 0, 2), new LatencyRecorder(LatencyMode.OFF, () -> {}), failing))
        .hasMessage("stop here");

    assertThat(NativeScope.liveValues()).isEqualTo(values);
    assertThat(NativeManagers.alive()).isEqualTo(managers);
  }

  @Test
  void resumesFromTheTokensOfTheFirstScales() {
    GeneratedBatch whole = Decodes.run(models, CODE, request(5, 0, 3));

    for (int known = 1; known <= SCALES; known++) {
      BatchRequest resumed = new BatchRequest(5, samples(0, 3), whole.tokens().subList(0, known));
      GeneratedBatch again = Decodes.run(models, CODE, resumed);

      assertThat(again.tokens()).as("from %d scales", known).containsExactly(array(whole));
      assertThat(again.images()).isEqualTo(whole.images());
    }
  }

  @Test
  void aSampleIsTheSameWhateverItsNeighboursAreAtOneBatchSize() {
    List<Sample> some = List.of(new Sample(7, 3), new Sample(1L << 33, 5), new Sample(9, 1));
    List<Sample> others = List.of(new Sample(100, 0), new Sample(1L << 33, 5), new Sample(2, 8));

    GeneratedBatch first = Decodes.run(models, CODE, BatchRequest.of(1L << 60, some));
    GeneratedBatch second = Decodes.run(models, CODE, BatchRequest.of(1L << 60, others));

    assertThat(second.images().get(1)).isEqualTo(first.images().get(1));
    assertThat(second.images().get(0)).isNotEqualTo(first.images().get(0));
  }

  @Test
  void seedAndIndexBeyond32BitsMatter() {
    GeneratedBatch low = Decodes.run(models, CODE, BatchRequest.of(1, List.of(new Sample(2, 3))));
    GeneratedBatch seed =
        Decodes.run(models, CODE, BatchRequest.of(1 + (1L << 32), List.of(new Sample(2, 3))));
    GeneratedBatch index =
        Decodes.run(models, CODE, BatchRequest.of(1, List.of(new Sample(2 + (1L << 32), 3))));

    assertThat(seed.images()).isNotEqualTo(low.images());
    assertThat(index.images()).isNotEqualTo(low.images());
  }

  @Test
  void fourThreadsGiveWhatOneGives() throws Exception {
    List<GeneratedBatch> alone =
        IntStream.range(0, 12)
            .mapToObj(i -> Decodes.run(models, CODE, request(5, 3L * i, 3)))
            .toList();

    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<GeneratedBatch>> together = new ArrayList<>();
      for (int i = 0; i < alone.size(); i++) {
        BatchRequest request = request(5, 3L * i, 3);
        together.add(threads.submit(() -> Decodes.run(models, CODE, request)));
      }
      for (int i = 0; i < alone.size(); i++) {
        GeneratedBatch batch = together.get(i).get();
        assertThat(batch.tokens()).containsExactly(array(alone.get(i)));
        assertThat(batch.images()).isEqualTo(alone.get(i).images());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void oneAndTwoThreadsOfTheEngineGiveTheSameBits() {
    int before = LibTorch.threads();
    try {
      for (int images : new int[] {1, 3, 4}) {
        LibTorch.useThreads(1);
        RecordingObserver one = Decodes.watch(models, CODE, request(5, 0, images));
        LibTorch.useThreads(2);
        RecordingObserver two = Decodes.watch(models, CODE, request(5, 0, images));

        assertThat(two.logits).containsExactly(one.logits.toArray(float[][]::new));
        assertThat(two.featureMaps).containsExactly(one.featureMaps.toArray(float[][]::new));
        assertThat(two.images).containsExactly(one.images);
      }
    } finally {
      LibTorch.useThreads(before);
    }
  }

  @Test
  void cachesFollowThePlan() {
    List<String> seen = new ArrayList<>();
    DecodeObserver observer =
        new DecodeObserver() {
          @Override
          public void stepped(String model, int scale, long cacheBytes) {
            seen.add(model + " " + (scale + 1) + " " + cacheBytes);
          }
        };
    LatencyRecorder latency = new LatencyRecorder(LatencyMode.SYNC, () -> {});
    DecodeConfig config =
        new DecodeConfig(
            CODE.plan(), Decodes.guidedFirst(3, 1.5, SCALES), FILTERED, CODE.rounding());

    new ImageGenerator(models, config).generate(request(5, 0, 2), latency, observer);

    // layers x 2 x rows x tokens somebody reads again x width x bytes
    assertThat(seen)
        .containsExactly(
            "drafter 1 " + 2 * 2 * 4 * 1 * 128 * 4,
            "drafter 2 " + 2 * 2 * 4 * 1 * 128 * 4,
            "refiner 3 " + 1 * 2 * 4 * 14 * 64 * 4,
            "refiner 4 " + 1 * 2 * 2 * 14 * 64 * 4);
    LatencyReport report = latency.snapshot();
    assertThat(report.scales())
        .extracting(scale -> scale.step().prefillTokens())
        .containsExactly(0, 0, 5, 0);
    assertThat(report.peakCacheBytes()).isEqualTo(1L * 2 * 4 * 14 * 64 * 4);
  }

  @Test
  void guidanceOffMeansTheSameAsNoUnconditionalRows() {
    DecodePlan plan = DecodePlan.single("drafter", SCALES);
    List<String> bytes = new ArrayList<>();
    DecodeObserver observer =
        new DecodeObserver() {
          @Override
          public void stepped(String model, int scale, long cacheBytes) {
            bytes.add(String.valueOf(cacheBytes));
          }
        };

    new ImageGenerator(models, Decodes.greedy(plan, 0))
        .generate(request(5, 0, 2), new LatencyRecorder(LatencyMode.OFF, () -> {}), observer);

    assertThat(bytes).containsOnly(String.valueOf(2 * 2 * 2 * 14 * 128 * 4));
  }

  @Test
  void bfloat16LogitsStayWithinTwoPercentWhenTokensAreGiven() {
    RecordingObserver exact = Decodes.watch(models, CODE, request(5, 0, 4));
    List<long[]> given = exact.tokens.subList(0, SCALES - 1);
    try (ModelSet rounded =
        GOLDEN.models(
            Map.of("drafter", GOLDEN.drafter(), "refiner", GOLDEN.refiner()), Precision.BF16)) {
      BatchRequest request = new BatchRequest(5, samples(0, 4), given);
      float[] expected = Decodes.watch(models, CODE, request).logits.get(0);
      float[] actual = Decodes.watch(rounded, CODE, request).logits.get(0);

      assertThat(relativeError(actual, expected)).isLessThan(0.02);
    }
  }

  @Test
  void resumedLogitsAreThoseOfAnUnbrokenDecode() {
    RecordingObserver whole = Decodes.watch(models, CODE, request(5, 0, 3));
    BatchRequest resumed = new BatchRequest(5, samples(0, 3), whole.tokens.subList(0, 3));

    RecordingObserver rest = Decodes.watch(models, CODE, resumed);

    // the refiner caught up on three scales at once instead of two and one
    assertClose("logits", rest.logits.get(0), whole.logits.get(3), 1e-4);
  }

  @Test
  void namesSampleAndScaleOfLogitsThatAreNotNumbers() {
    try (ModelSet broken =
        GOLDEN.models(
            Map.of(
                "drafter",
                GOLDEN.drafter(),
                "refiner",
                ReplacedTensor.withNaN(GOLDEN.refiner(), "head.bias")),
            Precision.FP32)) {
      assertThatThrownBy(() -> Decodes.run(broken, CODE, request(5, 40, 2)))
          .isInstanceOf(NonFiniteLogitsException.class)
          .hasMessage(
              "Cannot draw tokens of sample 40 at scale 3: the logits of 'refiner' are not finite"
                  + " numbers");
    }
  }

  @Test
  void rejectsLabelsAndTokensThatDoNotExist() {
    BatchRequest label = BatchRequest.of(5, List.of(new Sample(0, 10)));
    BatchRequest token = new BatchRequest(5, List.of(new Sample(0, 1)), List.of(new long[] {128}));
    BatchRequest length =
        new BatchRequest(5, List.of(new Sample(0, 1)), List.of(new long[] {1, 2}));

    assertThatThrownBy(() -> Decodes.run(models, CODE, label))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot make sample 0: its label is 10 (the models know classes 0 to 9)");
    assertThatThrownBy(() -> Decodes.run(models, CODE, token))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use token 128 at scale 1 (the codebook has 0 to 127)");
    assertThatThrownBy(() -> Decodes.run(models, CODE, length))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use a token map of 2 ids at scale 1 (1 images of 1 tokens are needed)");
  }

  private static BatchRequest request(long seed, long firstIndex, int images) {
    return BatchRequest.of(seed, samples(firstIndex, images));
  }

  private static List<Sample> samples(long firstIndex, int images) {
    return IntStream.range(0, images)
        .mapToObj(i -> new Sample(firstIndex + i, (int) ((firstIndex + i) % 10)))
        .toList();
  }

  private static long[][] array(GeneratedBatch batch) {
    return Arrays.stream(batch.tokens().toArray(long[][]::new)).toArray(long[][]::new);
  }
}
