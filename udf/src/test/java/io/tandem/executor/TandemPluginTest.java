package io.tandem.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.tandem.testing.Serialization;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.junit.jupiter.api.Test;

class TandemPluginTest {

  private final List<Object> sent = new ArrayList<>();
  private final MetricRegistry registry = new MetricRegistry();

  @Test
  void executorsShowTheirNumbersFromTheBeginning() {
    ExecutorPlugin plugin = new TandemPlugin().executorPlugin();
    plugin.init(context(), Map.of());
    plugin.shutdown();

    assertThat(registry.getGauges().keySet())
        .contains(
            "images_total",
            "batches_total",
            "failed_images_total",
            "images_per_second",
            "model_load_seconds",
            "oom_backoffs_total",
            "device_memory_used_bytes",
            "scale_01_latency_ms",
            "scale_16_latency_ms")
        .hasSize(7 + 16);
  }

  @Test
  void theDriverHearsOfBatchesAndShowsTheSums() throws Exception {
    ExecutorPlugin executor = new TandemPlugin().executorPlugin();
    DriverPlugin driver = new TandemPlugin().driverPlugin();
    executor.init(context(), Map.of());
    driver.registerMetrics("application", context());
    double before = number("run_images_total");

    DecodeActivity.ofThisJvm().done(report("run-a", "1", 6, 2));
    DecodeActivity.ofThisJvm().done(report("run-a", "2", 8, 0));
    executor.shutdown();
    for (Object message : sent) {
      driver.receive(Serialization.roundTrip((BatchReport) message));
    }

    assertThat(GenerateProgress.ofThisJvm().of("run-a"))
        .isEqualTo(new GenerateProgress.Attempted(14, 2, 2));
    assertThat(GenerateProgress.ofThisJvm().of("run-b").images()).isZero();
    assertThat(number("run_images_total") - before).isEqualTo(14);
  }

  @Test
  void withoutAPluginTheDriverOfTheSameJvmHearsOfBatches() {
    DecodeActivity.ofThisJvm().done(report("run-c", "1", 3, 1));

    assertThat(GenerateProgress.ofThisJvm().of("run-c"))
        .isEqualTo(new GenerateProgress.Attempted(3, 1, 1));
  }

  @Test
  void meansAndTotalsAreThoseOfAllExecutors() {
    DecodeMetrics metrics = new DecodeMetrics();
    metrics.add(report("run", "1", 6, 2));
    metrics.add(report("run", "1", 8, 0));
    metrics.add(report("run", "2", 8, 0));

    assertThat(metrics.batches()).isEqualTo(3);
    assertThat(metrics.failed()).isEqualTo(2);
    assertThat(metrics.scaleMilliseconds(1)).isEqualTo(3.0);
    assertThat(metrics.scaleMilliseconds(2)).isZero();
    assertThat(metrics.loadSeconds()).isEqualTo(3.0);
    assertThat(metrics.deviceBytes()).isEqualTo(200);
    assertThat(metrics.outOfMemory()).isEqualTo(8);
  }

  private double number(String gauge) {
    return ((Number) registry.getGauges().get(gauge).getValue()).doubleValue();
  }

  private static BatchReport report(String run, String executor, int images, int failed) {
    return new BatchReport(
        run,
        executor,
        images,
        failed,
        List.of(2_000_000L, 3_000_000L),
        new BatchReport.Totals(4, 1.5, 100));
  }

  private PluginContext context() {
    return (PluginContext)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {PluginContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "metricRegistry" -> registry;
                  case "send" -> {
                    sent.add(arguments[0]);
                    yield null;
                  }
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
