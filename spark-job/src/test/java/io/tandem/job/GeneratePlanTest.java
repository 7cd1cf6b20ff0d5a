package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.executor.DeviceChoice;
import io.tandem.executor.SmallerBatches;
import io.tandem.generate.DecodeConfig;
import io.tandem.image.ImageCodec;
import io.tandem.image.PixelRounding;
import io.tandem.metrics.LatencyMode;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.sample.SamplingConfig;
import io.tandem.spark.SessionSettings;
import io.tandem.wave.CycledLabels;
import io.tandem.wave.SampleBatches;
import io.tandem.wave.Wave;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GeneratePlanTest {

  @Test
  void plansTenMillionSamplesWithoutCountingThem() {
    GeneratePlan plan = GeneratePlan.of(order(10_000_000), conditions(Map.of()));

    assertThat(plan.waves().images()).isEqualTo(10_000_000);
    assertThat(plan.waves().wave(plan.waves().waves() - 1).end()).isEqualTo(10_000_000);
  }

  @Test
  void aWaveHasAtLeastFourBatchesPerSlot() {
    GeneratePlan plan =
        GeneratePlan.of(order(10_000), conditions(Map.of("spark.master", "local[3]")));

    assertThat(plan.waves().segments().get(0).waveImages()).isGreaterThanOrEqualTo(3 * 4 * 8);
  }

  @Test
  void aSmallWaveHasNoTasksWithoutWork() {
    GeneratePlan plan =
        GeneratePlan.of(order(10_000), conditions(Map.of("spark.master", "local[3]")));

    assertThat(plan.partitions(new Wave(0, 0, 9))).isEqualTo(2);
    assertThat(plan.partitions(new Wave(0, 4, 8))).isEqualTo(1);
    assertThat(plan.partitions(new Wave(0, 0, 8000))).isEqualTo(6);
  }

  @Test
  void saysHowMuchMemoryIsNeededWhereAContainerCountsIt() {
    GenerateConditions conditions = conditions(submitted("yarn"));
    GeneratePlan plan = GeneratePlan.of(order(100), conditions);

    assertThatThrownBy(() -> plan.checkMemory(conditions))
        .isInstanceOf(UserError.class)
        .hasMessageMatching(
            "Cannot run executors with 384 MiB outside the heap: models and batches need \\d+ MiB"
                + " \\(\\d+ MiB are advised\\)\\. Set spark\\.executor\\.memoryOverhead=\\d+m\\.");
  }

  @Test
  void estimatesTheTable() {
    GeneratePlan plan = GeneratePlan.of(order(1000), conditions(Map.of()));

    assertThat(plan.tableBytes()).isBetween(100_000_000L, 120_000_000L);
  }

  private static GenerateConditions conditions(Map<String, String> spark) {
    return conditions(SessionSettings.of(2, spark));
  }

  /** As if spark-submit had started this JVM: it passes settings as system properties. */
  private static SessionSettings submitted(String master) {
    Map<String, String> properties =
        Map.of("spark.submit.deployMode", "client", "spark.master", master);
    properties.forEach(System::setProperty);
    try {
      return SessionSettings.of(2, Map.of());
    } finally {
      properties.keySet().forEach(System::clearProperty);
    }
  }

  private static GenerateConditions conditions(SessionSettings settings) {
    return new GenerateConditions(
        "out",
        new GenerateConditions.Waves(OptionalLong.empty(), OptionalInt.empty()),
        new GenerateConditions.Tolerance(
            0,
            GenerateConditions.Retry.NONE,
            SmallerBatches.REFUSED,
            GenerateConditions.OtherIdentity.REFUSED),
        new GenerateConditions.Execution(DeviceChoice.CPU, "fp32", LatencyMode.SYNC),
        settings);
  }

  private static DataSetOrder order(long images) {
    DecodePlan plan = DecodePlan.parse("big:1-8,small:9-10", List.of("big", "small"), 10);
    try (ModelSources sources =
        ModelSources.open(Map.of("big", "random:4", "small", "random:2"), "random")) {
      return new DataSetOrder(
          sources.models(),
          new DecodeConfig(
              plan,
              GuidanceSchedule.everywhere(1.5, 10),
              SamplingConfig.uniform(900, 0.96, 1, 10),
              PixelRounding.NEAREST),
          new DataSetOrder.Samples(
              0,
              new SampleBatches(new CycledLabels(IntStream.range(0, 1000).boxed().toList()), 8),
              images,
              Map.entry("classes", "0-999"),
              Optional.empty()),
          new DataSetOrder.Pictures(ImageCodec.PNG, List.of(), Optional.empty()));
    }
  }
}
