package io.tandem.job;

import io.tandem.table.BatchLatency;
import io.tandem.table.BatchLatency.Conditions;
import io.tandem.table.BatchLatency.Phase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * How long the scales of a run took, over the batches that can be compared: those of the conditions
 * that most batches share, warm-up left out.
 *
 * @param conditions of the batches, none if there is no such batch
 * @param batches how many
 * @param scales coarse to fine
 * @param vae from feature maps to pixels
 * @param encode from pixels to files
 * @param leftOut batches that were measured otherwise
 */
public record LatencySummary(
    Optional<Conditions> conditions,
    long batches,
    List<ScaleTime> scales,
    Milliseconds vae,
    Milliseconds encode,
    List<LeftOut> leftOut) {

  public LatencySummary {
    scales = List.copyOf(scales);
    leftOut = List.copyOf(leftOut);
  }

  /**
   * Times of one image: those of the batch by its size.
   *
   * @param median half of the batches took no longer
   * @param p95 nineteen of twenty took no longer
   */
  public record Milliseconds(double median, double p95) {}

  /**
   * What a scale took.
   *
   * @param scale from 1
   * @param side of its token map
   * @param model that decoded it
   * @param prefillTokens per image, that the model caught up on first
   * @param time of one image
   * @param cacheBytes of all caches of a batch
   */
  public record ScaleTime(
      int scale, int side, String model, int prefillTokens, Milliseconds time, long cacheBytes) {}

  /**
   * Batches that are not in the summary.
   *
   * @param conditions under which they were measured
   * @param phase of the JVM
   * @param batches how many
   */
  public record LeftOut(Conditions conditions, Phase phase, long batches) {}

  /** Collects batches. */
  static final class Collector {

    private record Key(Conditions conditions, Phase phase) {}

    /** Of each kind of batch its numbers, a row for each batch. */
    private final Map<Key, List<double[]>> batches = new LinkedHashMap<>();

    private final Map<Key, BatchLatency> examples = new LinkedHashMap<>();

    void add(BatchLatency batch) {
      Key key = new Key(batch.conditions(), batch.phase());
      BatchLatency example = examples.computeIfAbsent(key, any -> batch);
      double[] numbers = new double[example.scales().size() + 2];
      for (int i = 0; i < Math.min(example.scales().size(), batch.scales().size()); i++) {
        numbers[i] = milliseconds(batch, batch.scales().get(i).nanos());
      }
      numbers[numbers.length - 2] = milliseconds(batch, batch.stages().vaeNanos());
      numbers[numbers.length - 1] = milliseconds(batch, batch.stages().encodeNanos());
      batches.computeIfAbsent(key, any -> new ArrayList<>()).add(numbers);
    }

    private static double milliseconds(BatchLatency batch, long nanos) {
      return nanos / 1e6 / batch.conditions().batchSize();
    }

    LatencySummary summary() {
      Optional<Key> chosen =
          batches.keySet().stream()
              .filter(key -> key.phase == Phase.STEADY)
              .max(Comparator.comparingInt(key -> batches.get(key).size()));
      List<LeftOut> leftOut =
          batches.entrySet().stream()
              .filter(entry -> !chosen.equals(Optional.of(entry.getKey())))
              .map(
                  entry ->
                      new LeftOut(
                          entry.getKey().conditions, entry.getKey().phase, entry.getValue().size()))
              .toList();
      Milliseconds nothing = new Milliseconds(0, 0);
      if (chosen.isEmpty()) {
        return new LatencySummary(Optional.empty(), 0, List.of(), nothing, nothing, leftOut);
      }
      List<double[]> numbers = batches.get(chosen.get());
      List<BatchLatency.Scale> scales = examples.get(chosen.get()).scales();
      List<ScaleTime> times = new ArrayList<>();
      for (int i = 0; i < scales.size(); i++) {
        BatchLatency.Scale scale = scales.get(i);
        int column = i;
        times.add(
            new ScaleTime(
                scale.scale(),
                scale.side(),
                scale.model(),
                scale.prefillTokens(),
                percentiles(numbers, row -> row[column]),
                scale.cacheBytes()));
      }
      return new LatencySummary(
          Optional.of(chosen.get().conditions),
          numbers.size(),
          times,
          percentiles(numbers, row -> row[scales.size()]),
          percentiles(numbers, row -> row[scales.size() + 1]),
          leftOut);
    }

    private static Milliseconds percentiles(
        List<double[]> rows, ToDoubleFunction<double[]> column) {
      double[] sorted = rows.stream().mapToDouble(column).sorted().toArray();
      return new Milliseconds(quantile(sorted, 0.5), quantile(sorted, 0.95));
    }

    /** Returns the quantile with linear interpolation, as numpy does. */
    private static double quantile(double[] sorted, double share) {
      double at = share * (sorted.length - 1);
      int below = (int) at;
      double above = sorted[Math.min(below + 1, sorted.length - 1)];
      return sorted[below] + (at - below) * (above - sorted[below]);
    }
  }

  /** Returns the summary of {@code batches}. */
  static LatencySummary of(BatchLatency... batches) {
    Collector collector = new Collector();
    Arrays.stream(batches).forEach(collector::add);
    return collector.summary();
  }
}
