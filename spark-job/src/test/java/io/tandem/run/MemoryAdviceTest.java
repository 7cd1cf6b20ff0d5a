package io.tandem.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryAdviceTest {

  private static final long MIB = 1L << 20;

  /** A drafter of 8000 MiB and a refiner of 1200 MiB, four slots with batches of 50 images. */
  private static final ExecutorLoad LARGE =
      new ExecutorLoad(List.of(8000 * MIB, 1200 * MIB), 4, 1000 * MIB, 10 * MIB, 16 * MIB);

  private static final ExecutorLoad DEMO =
      new ExecutorLoad(List.of(10 * MIB, 3 * MIB), 2, 20 * MIB, MIB, 16 * MIB);

  @Test
  void onCpuAllModelsAndBatchesAreOutsideTheHeap() {
    MemoryAdvice advice = MemoryAdvice.onCpu(LARGE);

    // 9200 x 1.3 + 4 x 1000 + 2048; 512 + 4 x (6 x 10 + 3 x 16)
    assertThat(advice.advised()).isEqualTo(new ExecutorMemory(944 * MIB, 18_008 * MIB));
    // 9200 + 4 x 1000 + 256; at least what Spark wants
    assertThat(advice.least()).isEqualTo(new ExecutorMemory(450 * MIB, 13_456 * MIB));
    assertThat(advice.advised().settings())
        .containsExactly("spark.executor.memory=944m", "spark.executor.memoryOverhead=18008m");
  }

  @Test
  void onGpuTheLargestModelPassesThroughTheHost() {
    MemoryAdvice advice = MemoryAdvice.onGpu(LARGE);

    // 8000 x 1.2 + 3072
    assertThat(advice.advised().overheadBytes()).isEqualTo(12_672 * MIB);
    assertThat(advice.least().overheadBytes()).isEqualTo(1024 * MIB);
  }

  @Test
  void theDemoFitsIntoASmallHeap() {
    MemoryAdvice advice = MemoryAdvice.onCpu(DEMO);

    assertThat(advice.advised().heapMib()).isEqualTo(620);
    advice.checkHeap(512 * MIB);
    advice.check(ExecutorMemory.ofHeap(2048 * MIB));
  }

  @Test
  void theDefaultOverheadIsSparks() {
    assertThat(ExecutorMemory.ofHeap(1024 * MIB).overheadMib()).isEqualTo(384);
    assertThat(ExecutorMemory.ofHeap(8000 * MIB).overheadMib()).isEqualTo(800);
  }

  @Test
  void saysHowMuchIsNeeded() {
    MemoryAdvice advice = MemoryAdvice.onCpu(LARGE);

    assertThatThrownBy(() -> advice.check(ExecutorMemory.ofHeap(4096 * MIB)))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot run executors with 409 MiB outside the heap: models and batches need 13456 MiB"
                + " (18008 MiB are advised). Set spark.executor.memoryOverhead=18008m.");
    assertThatThrownBy(() -> advice.check(new ExecutorMemory(256 * MIB, 20_000 * MIB)))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot run executors with a heap of 256 MiB: batches and row groups need 450 MiB (944"
                + " MiB are advised). Set spark.executor.memory=944m.");
    advice.check(new ExecutorMemory(450 * MIB, 13_456 * MIB));
  }

  @Test
  void rejectsNoSlots() {
    assertThatThrownBy(() -> new ExecutorLoad(List.of(), 0, 0, 0, 0))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot reckon the memory of 0 slots (at least one, and no negative sizes)");
  }
}
