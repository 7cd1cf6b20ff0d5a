package io.tandem.job;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** How long the steps of a job take, in their order. Not thread-safe. */
final class Seconds {

  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private final long start = System.nanoTime();

  /** Runs a step; a name that comes again adds up. */
  <T> T of(String step, Supplier<T> work) {
    long begin = System.nanoTime();
    try {
      return work.get();
    } finally {
      seconds.merge(step, (System.nanoTime() - begin) / 1e9, Double::sum);
    }
  }

  /** Returns all steps, and the whole under {@code total}. */
  Map<String, Double> all() {
    Map<String, Double> all = new LinkedHashMap<>(seconds);
    all.put("total", (System.nanoTime() - start) / 1e9);
    return all;
  }
}
