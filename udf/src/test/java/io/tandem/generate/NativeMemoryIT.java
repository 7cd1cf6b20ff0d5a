package io.tandem.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.engine.Machine;
import io.tandem.kernel.NativeScope;
import io.tandem.model.Precision;
import io.tandem.plan.DecodePlan;
import io.tandem.sample.SamplingConfig;
import io.tandem.testing.Decodes;
import io.tandem.testing.GoldenCase;
import io.tandem.testing.NativeManagers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Runs with a fixed heap (see the pom), so that the resident set grows only by native memory. */
class NativeMemoryIT {

  private static final int WARM_UP = 200;
  private static final int MEASURED = 1000;
  private static final long ALLOWED_BYTES = 16L << 20;

  @Test
  void aThousandDecodesLoseNoNativeMemory() {
    GoldenCase golden = GoldenCase.tiny();
    DecodeConfig code =
        Decodes.sampled(
            DecodePlan.collaborative("drafter", "refiner", golden.draftScales(), golden.scales()),
            golden.guidance(),
            SamplingConfig.uniform(60, 0.96, 1.1, golden.scales()));
    try (ModelSet models =
        golden.models(
            Map.of("drafter", golden.drafter(), "refiner", golden.refiner()), Precision.FP32)) {
      decode(models, code, WARM_UP);
      long values = NativeScope.liveValues();
      int managers = NativeManagers.alive();
      long before = residentBytes();

      decode(models, code, MEASURED);

      long grown = residentBytes() - before;
      System.out.printf("%d decodes grew the resident set by %,d bytes%n", MEASURED, grown);
      assertThat(grown).isLessThan(ALLOWED_BYTES);
      assertThat(NativeScope.liveValues()).isEqualTo(values);
      assertThat(NativeManagers.alive()).isEqualTo(managers);
    }
  }

  private static void decode(ModelSet models, DecodeConfig config, int times) {
    for (int i = 0; i < times; i++) {
      Decodes.run(
          models, config, BatchRequest.of(i, List.of(new Sample(i, i % 10), new Sample(i + 1, 3))));
    }
  }

  private static long residentBytes() {
    return Machine.residentSet().orElseThrow().bytes();
  }
}
