package io.tandem.executor;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/**
 * Counts batches that were decoded, by one executor or by all that a driver hears of. Attempts
 * count, so that retried tasks count twice. Thread-safe.
 */
final class DecodeMetrics {

  /** Scales that have a latency of their own; the released models have ten. */
  static final int SCALES = 16;

  private final Meter images = new Meter();
  private final long[] scaleNanos = new long[SCALES];
  private final long[] scaleBatches = new long[SCALES];
  private final Map<String, BatchReport.Totals> totals = new ConcurrentHashMap<>();
  private long batches;
  private long failed;

  /** Adds a batch. */
  synchronized void add(BatchReport report) {
    images.mark(report.images());
    batches++;
    failed += report.failed();
    totals.put(report.executor(), report.totals());
    for (int scale = 0; scale < Math.min(SCALES, report.scaleNanos().size()); scale++) {
      scaleNanos[scale] += report.scaleNanos().get(scale);
      scaleBatches[scale]++;
    }
  }

  long images() {
    return images.getCount();
  }

  synchronized long batches() {
    return batches;
  }

  synchronized long failed() {
    return failed;
  }

  /** Returns the mean time of {@code scale} per batch in milliseconds; 0 before the first. */
  synchronized double scaleMilliseconds(int scale) {
    return scaleBatches[scale] == 0 ? 0 : scaleNanos[scale] / 1e6 / scaleBatches[scale];
  }

  long outOfMemory() {
    return totals.values().stream().mapToLong(BatchReport.Totals::outOfMemory).sum();
  }

  double loadSeconds() {
    return totals.values().stream().mapToDouble(BatchReport.Totals::loadSeconds).sum();
  }

  long deviceBytes() {
    return totals.values().stream().mapToLong(BatchReport.Totals::deviceBytes).sum();
  }

  /** Lets {@code registry} show all numbers, under names that begin with {@code prefix}. */
  void register(MetricRegistry registry, String prefix) {
    gauge(registry, prefix + "images_total", this::images);
    gauge(registry, prefix + "batches_total", this::batches);
    gauge(registry, prefix + "failed_images_total", this::failed);
    gauge(registry, prefix + "images_per_second", images::getOneMinuteRate);
    gauge(registry, prefix + "model_load_seconds", this::loadSeconds);
    gauge(registry, prefix + "oom_backoffs_total", this::outOfMemory);
    gauge(registry, prefix + "device_memory_used_bytes", this::deviceBytes);
    for (int scale = 0; scale < SCALES; scale++) {
      int at = scale;
      String name = "%sscale_%02d_latency_ms".formatted(prefix, scale + 1);
      gauge(registry, name, () -> scaleMilliseconds(at));
    }
  }

  private static void gauge(MetricRegistry registry, String name, DoubleSupplier number) {
    Gauge<Double> gauge = number::getAsDouble;
    registry.register(name, gauge);
  }
}
