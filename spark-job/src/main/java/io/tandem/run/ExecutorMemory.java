package io.tandem.run;

import java.util.List;

/**
 * Memory of an executor, as Spark divides it.
 *
 * @param heapBytes of the JVM, {@code spark.executor.memory}
 * @param overheadBytes outside the heap, {@code spark.executor.memoryOverhead}
 */
public record ExecutorMemory(long heapBytes, long overheadBytes) {

  private static final long MIB = 1L << 20;
  private static final long DEFAULT_OVERHEAD_BYTES = 384 * MIB;
  private static final long DEFAULT_OVERHEAD_PART = 10;

  /** Returns {@code heapBytes} with the overhead that Spark takes if nobody sets one. */
  public static ExecutorMemory ofHeap(long heapBytes) {
    return new ExecutorMemory(
        heapBytes, Math.max(DEFAULT_OVERHEAD_BYTES, heapBytes / DEFAULT_OVERHEAD_PART));
  }

  /** Returns the heap in mebibytes, rounded up. */
  public long heapMib() {
    return mib(heapBytes);
  }

  /** Returns the overhead in mebibytes, rounded up. */
  public long overheadMib() {
    return mib(overheadBytes);
  }

  /** Returns the settings of Spark that ask for it. */
  public List<String> settings() {
    return List.of(
        "spark.executor.memory=" + heapMib() + "m",
        "spark.executor.memoryOverhead=" + overheadMib() + "m");
  }

  private static long mib(long bytes) {
    return (bytes + MIB - 1) / MIB;
  }
}
