package io.tandem.weights;

import java.nio.ByteBuffer;
import java.util.Locale;

/** Reads every tensor of a checkpoint, in a process of its own whose heap is limited. */
final class LargeCheckpointReader {

  private LargeCheckpointReader() {}

  /** Prints tensors, bytes, the exclusive or of all numbers, the heap's limit, and the rate. */
  public static void main(String[] arguments) {
    long start = System.nanoTime();
    long bytes = 0;
    long folded = 0;
    int tensors;
    try (WeightSource source = WeightFiles.open(arguments[0])) {
      VarCheckpoint.config(source);
      tensors = source.names().size();
      for (String name : source.names()) {
        ByteBuffer numbers = source.read(name);
        bytes += numbers.remaining();
        folded ^= folded(numbers);
      }
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    long heap = Runtime.getRuntime().maxMemory() >> 20;
    System.out.printf("%d %d %016x %d%n", tensors, bytes, folded, heap);
    System.out.printf(Locale.ROOT, "%.2f GB/s, heap of %d MiB%n", bytes / seconds * 1e-9, heap);
  }

  /** Returns the exclusive or of the numbers, eight bytes at a time. */
  static long folded(ByteBuffer numbers) {
    long folded = 0;
    int whole = numbers.limit() & ~7;
    for (int i = 0; i < whole; i += 8) {
      folded ^= numbers.getLong(i);
    }
    for (int i = whole; i < numbers.limit(); i++) {
      folded ^= numbers.get(i);
    }
    return folded;
  }
}
