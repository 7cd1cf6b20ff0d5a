package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.engine.Machine;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.TransformerTrainingKernel.FrozenQuantizer;
import io.tandem.testing.NativeManagers;
import io.tandem.testing.SingleThread;
import io.tandem.testing.TinyModels;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs with a fixed heap (see the pom), so that the resident set grows only by native memory. */
@ExtendWith(SingleThread.class)
class TrainingMemoryIT {

  /** Enough for the JVM to compile what runs hot, which takes memory as well. */
  private static final int WARM_UP = 600;

  private static final long ALLOWED_BYTES = 16L << 20;

  @TempDir private Path folder;

  private static void assertSteady(Supplier<TrainingTask> tasks, int steps) {
    try (TrainingTask task = tasks.get()) {
      TrainingSteps.run(task, 0, WARM_UP);
      long values = NativeScope.liveValues();
      int managers = NativeManagers.alive();
      long before = Machine.residentSet().orElseThrow().bytes();

      TrainingSteps.run(task, WARM_UP, WARM_UP + steps);

      long grown = Machine.residentSet().orElseThrow().bytes() - before;
      System.out.printf(
          "%d steps of %s grew the resident set by %,d bytes%n", steps, task.stage(), grown);
      assertThat(grown).isLessThan(ALLOWED_BYTES);
      assertThat(NativeScope.liveValues()).isEqualTo(values);
      assertThat(NativeManagers.alive()).isEqualTo(managers);
    }
  }

  @Test
  void aTransformerLosesNoNativeMemory() {
    TokenSet tokens = TinyRuns.tokens(folder);
    FrozenQuantizer quantizer = TinyRuns.quantizer();

    assertSteady(() -> TinyRuns.transformer(2000, tokens, quantizer), 600);

    TinyModels.close(quantizer);
  }

  /** Revives codes two times on the way. */
  @Test
  void aTokeniserLosesNoNativeMemory() {
    assertSteady(() -> TinyRuns.tokeniser(2000), 200);
  }

  @Test
  void aFeatureNetworkLosesNoNativeMemory() {
    assertSteady(() -> TinyRuns.features(2000), 600);
  }
}
