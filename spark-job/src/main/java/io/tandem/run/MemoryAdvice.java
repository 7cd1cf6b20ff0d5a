package io.tandem.run;

import io.tandem.base.Checks;

/**
 * How much memory an executor needs. Weights, caches and activations are outside the heap, which
 * only sees pixels, encoded images and a row group per slot.
 *
 * @param advised with room for what libtorch, the JVM and the allocator take for themselves
 * @param least without most of it: an executor that has less cannot work
 */
public record MemoryAdvice(ExecutorMemory advised, ExecutorMemory least) {

  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  /** Spark, Parquet, the engine's and our own classes. */
  private static final long BASE_HEAP_BYTES = 512 * MIB;

  /** Below this Spark refuses to start. */
  private static final long LEAST_HEAP_BYTES = 450 * MIB;

  /** The batch that is decoded and the one that is encoded, as pixels, planes and files. */
  private static final int BATCHES_ON_HEAP = 6;

  /** The row group, the same compressed, and the copy in rows that are not written yet. */
  private static final int ROW_GROUPS_ON_HEAP = 3;

  /** Libraries of libtorch and the stacks of its threads. */
  private static final long LEAST_NATIVE_BYTES = 256 * MIB;

  /** Libraries and context of a GPU, on the host. */
  private static final long LEAST_GPU_NATIVE_BYTES = GIB;

  /**
   * Returns what executors need that decode on CPUs: 1.3 times all models, for the allocator and
   * for weights in prepared form, caches and activations of all slots, and 2 GiB.
   */
  public static MemoryAdvice onCpu(ExecutorLoad load) {
    long models = load.modelBytes().stream().mapToLong(Long::longValue).sum();
    long batches = load.slots() * load.deviceBatchBytes();
    return of(
        load, models + models * 3 / 10 + batches + 2 * GIB, models + batches + LEAST_NATIVE_BYTES);
  }

  /**
   * Returns what executors need that decode on a GPU: 1.2 times the largest model, which passes
   * through the host when it is loaded, and 3 GiB for libraries, context and pinned buffers.
   */
  public static MemoryAdvice onGpu(ExecutorLoad load) {
    long largest = load.modelBytes().stream().mapToLong(Long::longValue).max().orElse(0);
    return of(load, largest + largest / 5 + 3 * GIB, LEAST_GPU_NATIVE_BYTES);
  }

  private static MemoryAdvice of(ExecutorLoad load, long overhead, long leastOverhead) {
    long perSlot =
        BATCHES_ON_HEAP * load.pixelBatchBytes() + ROW_GROUPS_ON_HEAP * load.rowGroupBytes();
    long leastPerSlot = 2 * load.pixelBatchBytes() + load.rowGroupBytes();
    long leastHeap = Math.max(LEAST_HEAP_BYTES, BASE_HEAP_BYTES / 2 + load.slots() * leastPerSlot);
    return new MemoryAdvice(
        new ExecutorMemory(BASE_HEAP_BYTES + load.slots() * perSlot, overhead),
        new ExecutorMemory(leastHeap, leastOverhead));
  }

  /**
   * Passes if executors with {@code given} can work.
   *
   * @throws io.tandem.base.UserError otherwise, with what is needed and what is advised
   */
  public void check(ExecutorMemory given) {
    checkHeap(given.heapBytes());
    Checks.check(
        given.overheadBytes() >= least.overheadBytes(),
        "Cannot run executors with %d MiB outside the heap: models and batches need %d MiB (%d MiB"
            + " are advised). Set spark.executor.memoryOverhead=%dm.",
        given.overheadBytes() / MIB,
        least.overheadMib(),
        advised.overheadMib(),
        advised.overheadMib());
  }

  /**
   * Passes if executors with such a heap can work, where nobody counts what is outside of it.
   *
   * @throws io.tandem.base.UserError otherwise, with what is needed and what is advised
   */
  public void checkHeap(long heapBytes) {
    Checks.check(
        heapBytes >= least.heapBytes(),
        "Cannot run executors with a heap of %d MiB: batches and row groups need %d MiB (%d MiB are"
            + " advised). Set spark.executor.memory=%dm.",
        heapBytes / MIB,
        least.heapMib(),
        advised.heapMib(),
        advised.heapMib());
  }
}
