package io.tandem.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.generate.BranchingGenerator.Branch;
import io.tandem.generate.BranchingGenerator.Result;
import io.tandem.image.PixelRounding;
import io.tandem.kernel.NativeScope;
import io.tandem.metrics.LatencyMode;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.metrics.LatencyReport;
import io.tandem.model.AdaLn;
import io.tandem.model.DeviceSpec;
import io.tandem.model.LatentSpace;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.sample.SamplingConfig;
import io.tandem.testing.NativeManagers;
import io.tandem.testing.ReplacedTensor;
import io.tandem.testing.SingleThread;
import io.tandem.transformer.VarTransformer;
import io.tandem.vq.Tokenizer;
import io.tandem.weights.RandomVarWeights;
import io.tandem.weights.RandomVqWeights;
import io.tandem.weights.WeightSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A branch must give to the last bit what its configuration gives alone. */
@ExtendWith(SingleThread.class)
class BranchingGeneratorTest {

  private static final ScaleSchedule SCHEDULE = new ScaleSchedule(List.of(1, 2, 3, 4, 5, 6, 8, 10));
  private static final int SCALES = SCHEDULE.scales();
  private static final LatentSpace LATENT = new LatentSpace(96, 8, SCHEDULE);
  private static final VqConfig TOKENISER = new VqConfig(32, List.of(1, 1), 1, 96, 8, 4);
  private static final Map<String, WeightSource> WEIGHTS =
      Map.of(
          "big", weights(3, 128, AdaLn.PER_BLOCK, 1),
          "middle", weights(2, 128, AdaLn.SHARED, 2),
          "small", weights(1, 64, AdaLn.SHARED, 3));

  private static final Map<Precision, Map<String, VarTransformer>> MODELS = new LinkedHashMap<>();
  private static final Map<Precision, Tokenizer> TOKENISERS = new LinkedHashMap<>();

  private static WeightSource weights(int depth, int width, AdaLn adaLn, long seed) {
    return RandomVarWeights.of(new VarConfig(depth, width, width / 64, 10, adaLn, LATENT), seed);
  }

  @BeforeAll
  static void load() {
    for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
      Map<String, VarTransformer> models = new LinkedHashMap<>();
      WEIGHTS.forEach(
          (name, source) ->
              models.put(name, VarTransformer.load(source, precision, DeviceSpec.CPU)));
      MODELS.put(precision, models);
      TOKENISERS.put(
          precision,
          Tokenizer.load(RandomVqWeights.of(TOKENISER, 4), SCHEDULE, precision, DeviceSpec.CPU));
    }
  }

  @AfterAll
  static void unload() {
    MODELS.values().forEach(models -> models.values().forEach(VarTransformer::close));
    TOKENISERS.values().forEach(Tokenizer::close);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("studies")
  void branchesGiveWhatTheirConfigurationsGiveAlone(
      String name, int images, List<DecodeConfig> configs) {
    List<Branch> branches = configs.stream().map(config -> branch(config, Precision.FP32)).toList();

    assertEachIsAsAlone(branches, request(images));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("studies")
  void soTheyDoInBfloat16(String name, int images, List<DecodeConfig> configs) {
    List<Branch> branches = configs.stream().map(config -> branch(config, Precision.BF16)).toList();

    assertEachIsAsAlone(branches, request(images));
  }

  static Stream<Arguments> studies() {
    SamplingConfig usual = SamplingConfig.uniform(60, 0.96, 1.1, SCALES);
    SamplingConfig cooler = perScale(1.1, 0.9, 5);
    return Stream.of(
        arguments(
            "draft scales, large batch",
            8,
            IntStream.of(3, 5, 6, 7, 2).mapToObj(n -> code("big", "small", n, usual)).toList()),
        arguments(
            "draft scales, small batch",
            1,
            IntStream.of(2, 6, 7).mapToObj(n -> code("big", "small", n, usual)).toList()),
        arguments(
            "reverse, beside plain models",
            4,
            List.of(
                code("small", "big", 6, usual),
                plan("small:1-8", usual),
                code("small", "big", 5, usual),
                plan("big:1-8", usual))),
        arguments(
            "one scale by the small model",
            4,
            IntStream.rangeClosed(2, SCALES - 1)
                .mapToObj(k -> plan("big:1-%d,small:%d,big:%d-8".formatted(k - 1, k, k + 1), usual))
                .toList()),
        arguments(
            "ladders",
            4,
            List.of(
                plan("big:1-5,middle:6-7,small:8", usual),
                plan("big:1-5,small:6-8", usual),
                plan("big:1-6,middle:7,small:8", usual),
                plan("big:1-5,middle:6,small:7-8", usual),
                plan("middle:1-4,big:5-6,middle:7,big:8", usual))),
        arguments(
            "guidance ends at several scales, and begins",
            4,
            Stream.of("1-4", "1-8", "1-6", "5-8", "3-7", "1-3,5-8", "1-2,6-8")
                .map(scales -> guided("big:1-5,small:6-8", scales, usual))
                .toList()),
        arguments(
            "temperatures and filters part late",
            3,
            List.of(
                code("big", "small", 6, usual),
                code("big", "small", 6, cooler),
                code("big", "small", 5, cooler),
                code("big", "small", 6, SamplingConfig.greedy(SCALES)))),
        arguments(
            "pixels alone differ",
            3,
            List.of(
                code("big", "small", 6, usual),
                rounded(code("big", "small", 6, usual), PixelRounding.TRUNCATE))));
  }

  /** A second name catches up by a prefill, which need not round as the steps of the first one. */
  @Test
  void aSecondNameOfTheSameWeightsIsAModelOfItsOwn() {
    SamplingConfig usual = SamplingConfig.uniform(60, 0.96, 1.1, SCALES);
    Map<String, VarTransformer> models = new LinkedHashMap<>(MODELS.get(Precision.FP32));
    models.put("again", models.get("big"));
    ModelSet set = ModelSet.borrowing(models, TOKENISERS.get(Precision.FP32), DeviceSpec.CPU);
    List<Branch> branches =
        List.of(
            new Branch(set, plan("big:1-5,again:6-7,small:8", usual)),
            new Branch(set, plan("big:1-7,small:8", usual)),
            new Branch(set, plan("again:1-6,small:7-8", usual)));

    List<Result> results =
        new BranchingGenerator(branches).generate(request(4), recorder(), DecodeObserver.NONE);

    assertThat(results).extracting(result -> result.sharing().scales()).containsExactly(5, 6, 6);
    assertEachIsAsAlone(branches, request(4));
  }

  @Test
  void drafterAndPrefixAreComputedOnce() {
    SamplingConfig usual = SamplingConfig.uniform(60, 0.96, 1.1, SCALES);
    List<Branch> branches =
        IntStream.of(4, 5, 6, 7)
            .mapToObj(n -> branch(code("big", "small", n, usual), Precision.FP32))
            .toList();
    List<String> steps = new ArrayList<>();
    DecodeObserver observer =
        new DecodeObserver() {
          @Override
          public void stepped(String model, int scale, long cacheBytes) {
            steps.add(model + " " + (scale + 1));
          }
        };

    List<Result> results =
        new BranchingGenerator(branches).generate(request(8), recorder(), observer);

    assertThat(steps)
        .containsExactly(
            "big 1", "big 2", "big 3", "big 4", "big 5", "big 6", "big 7", "small 8", "small 7",
            "small 8", "small 6", "small 7", "small 8", "small 5", "small 6", "small 7", "small 8");
    assertThat(results).extracting(result -> result.sharing().scales()).containsExactly(4, 5, 6, 6);
  }

  @Test
  void sharesAddUpToTheTimeThatPassed() {
    SamplingConfig usual = SamplingConfig.uniform(60, 0.96, 1.1, SCALES);
    List<Branch> branches =
        IntStream.of(5, 6, 7)
            .mapToObj(n -> branch(code("big", "small", n, usual), Precision.FP32))
            .toList();
    long begin = System.nanoTime();

    List<Result> results =
        new BranchingGenerator(branches).generate(request(4), recorder(), DecodeObserver.NONE);

    long passed = System.nanoTime() - begin;
    long shares = results.stream().mapToLong(result -> result.sharing().nanos()).sum();
    long alone = results.stream().mapToLong(result -> result.latency().totalNanos()).sum();
    assertThat(shares).isBetween(passed / 2, passed);
    assertThat(alone).isGreaterThan(shares);
  }

  @Test
  void aBranchThatFailsTakesNoOtherWithIt() {
    SamplingConfig usual = SamplingConfig.uniform(60, 0.96, 1.1, SCALES);
    DecodeConfig good = code("big", "small", 6, usual);
    DecodeConfig bad = code("big", "middle", 5, usual);
    try (VarTransformer broken =
        VarTransformer.load(
            ReplacedTensor.withNaN(WEIGHTS.get("middle"), "head.bias"),
            Precision.FP32,
            DeviceSpec.CPU)) {
      Map<String, VarTransformer> models = new LinkedHashMap<>(MODELS.get(Precision.FP32));
      models.put("middle", broken);
      ModelSet set = ModelSet.borrowing(models, TOKENISERS.get(Precision.FP32), DeviceSpec.CPU);

      List<Result> results =
          new BranchingGenerator(List.of(new Branch(set, bad), new Branch(set, good)))
              .generate(request(3), recorder(), DecodeObserver.NONE);

      assertThat(results.get(0).made()).isEmpty();
      assertThat(results.get(0).failure().orElseThrow())
          .hasMessage(
              "Cannot draw tokens of sample 40 at scale 6: the logits of 'middle' are not finite"
                  + " numbers");
      assertSame(results.get(1), alone(new Branch(set, good), request(3)));
    }
  }

  @Test
  void leavesNothingBehind() {
    SamplingConfig usual = SamplingConfig.uniform(60, 0.96, 1.1, SCALES);
    BranchingGenerator generator =
        new BranchingGenerator(
            IntStream.of(5, 6, 7)
                .mapToObj(n -> branch(code("big", "small", n, usual), Precision.FP32))
                .toList());
    generator.generate(request(2), recorder(), DecodeObserver.NONE);
    long values = NativeScope.liveValues();
    int managers = NativeManagers.alive();

    generator.generate(request(2), recorder(), DecodeObserver.NONE);

    assertThat(NativeScope.liveValues()).isEqualTo(values);
    assertThat(NativeManagers.alive()).isEqualTo(managers);
  }

  private static void assertEachIsAsAlone(List<Branch> branches, BatchRequest request) {
    List<Result> together =
        new BranchingGenerator(branches).generate(request, recorder(), DecodeObserver.NONE);

    for (int i = 0; i < branches.size(); i++) {
      assertSame(together.get(i), alone(branches.get(i), request));
    }
  }

  private static Result alone(Branch branch, BatchRequest request) {
    return new BranchingGenerator(List.of(branch))
        .generate(request, recorder(), DecodeObserver.NONE)
        .get(0);
  }

  /** Times apart, which differ. */
  private static void assertSame(Result branch, Result alone) {
    assertThat(branch.failure()).isEmpty();
    assertThat(branch.made().orElseThrow().tokens())
        .containsExactly(alone.made().orElseThrow().tokens().toArray(long[][]::new));
    assertThat(branch.made().orElseThrow().images()).isEqualTo(alone.made().orElseThrow().images());
    assertThat(untimed(branch.latency())).isEqualTo(untimed(alone.latency()));
  }

  private static List<String> untimed(LatencyReport report) {
    return report.scales().stream()
        .map(scale -> scale.step() + " " + scale.cacheBytes() + " " + (scale.nanos() > 0))
        .toList();
  }

  private static LatencyRecorder recorder() {
    return new LatencyRecorder(LatencyMode.SYNC, () -> {});
  }

  private static Branch branch(DecodeConfig config, Precision precision) {
    Map<String, VarTransformer> models = new LinkedHashMap<>();
    config.plan().models().forEach(name -> models.put(name, MODELS.get(precision).get(name)));
    return new Branch(
        ModelSet.borrowing(models, TOKENISERS.get(precision), DeviceSpec.CPU), config);
  }

  private static BatchRequest request(int images) {
    return BatchRequest.of(
        9, IntStream.range(0, images).mapToObj(i -> new Sample(40 + i, i % 10)).toList());
  }

  private static DecodeConfig code(String big, String small, int n, SamplingConfig sampling) {
    return config(DecodePlan.collaborative(big, small, n, SCALES), "1-8", sampling);
  }

  private static DecodeConfig plan(String text, SamplingConfig sampling) {
    return guided(text, "1-8", sampling);
  }

  private static DecodeConfig guided(String text, String scales, SamplingConfig sampling) {
    List<String> names =
        Arrays.stream(text.split(",")).map(leg -> leg.replaceAll(":.*", "")).distinct().toList();
    return config(DecodePlan.parse(text, names, SCALES), scales, sampling);
  }

  private static DecodeConfig config(DecodePlan plan, String guided, SamplingConfig sampling) {
    return new DecodeConfig(
        plan, GuidanceSchedule.parse(1.5, guided, SCALES), sampling, PixelRounding.NEAREST);
  }

  private static DecodeConfig rounded(DecodeConfig config, PixelRounding rounding) {
    return new DecodeConfig(config.plan(), config.guidance(), config.sampling(), rounding);
  }

  private static SamplingConfig perScale(double early, double late, int from) {
    SamplingConfig plain = SamplingConfig.uniform(60, 0.96, early, SCALES);
    return new SamplingConfig(
        plain.topK(),
        plain.topP(),
        IntStream.range(0, SCALES).mapToObj(k -> k < from ? early : late).toList(),
        plain.selection());
  }
}
