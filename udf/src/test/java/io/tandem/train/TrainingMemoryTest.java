package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;

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

@ExtendWith(SingleThread.class)
class TrainingMemoryTest {

  private static final int STEPS = 50;

  @TempDir private Path folder;

  /** Neither steps nor the task, once it is closed, leave anything behind. */
  private static void assertNothingIsLeft(Supplier<TrainingTask> tasks) {
    long values = NativeScope.liveValues();
    int closed = NativeManagers.alive();
    try (TrainingTask task = tasks.get()) {
      TrainingSteps.run(task, 0, 2);
      int open = NativeManagers.alive();

      TrainingSteps.run(task, 2, STEPS);

      assertThat(NativeManagers.alive()).isEqualTo(open);
      assertThat(NativeScope.liveValues()).isEqualTo(values);
    }
    assertThat(NativeManagers.alive()).isEqualTo(closed);
  }

  @Test
  void aTransformerLeavesNothingBehind() {
    TokenSet tokens = TinyRuns.tokens(folder);
    FrozenQuantizer quantizer = TinyRuns.quantizer();

    assertNothingIsLeft(() -> TinyRuns.transformer(STEPS, tokens, quantizer));

    TinyModels.close(quantizer);
  }

  @Test
  void aFeatureNetworkLeavesNothingBehind() {
    assertNothingIsLeft(() -> TinyRuns.features(STEPS));
  }
}
