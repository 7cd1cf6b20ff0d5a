package io.tandem.executor;

import java.io.IOException;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Metrics of generation in Spark's own metrics system, and progress on the driver: installed by
 * {@code spark.plugins}.
 *
 * <p>Each executor shows its numbers, such as {@code images_total}; the driver shows the sums over
 * all executors under {@code run_images_total} and so on, which its Prometheus servlet serves.
 */
public final class TandemPlugin implements SparkPlugin {

  private static final Logger LOG = LoggerFactory.getLogger(TandemPlugin.class);
  private static final String DRIVER_PREFIX = "run_";

  @Override
  public DriverPlugin driverPlugin() {
    return new Driver();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new Executor();
  }

  private static final class Driver implements DriverPlugin {

    @Override
    public Map<String, String> init(SparkContext context, PluginContext plugin) {
      return Map.of();
    }

    @Override
    public void registerMetrics(String application, PluginContext plugin) {
      GenerateProgress.ofThisJvm().metrics().register(plugin.metricRegistry(), DRIVER_PREFIX);
    }

    @Override
    public Object receive(Object message) {
      if (message instanceof BatchReport report) {
        GenerateProgress.ofThisJvm().add(report);
      }
      return null;
    }
  }

  private static final class Executor implements ExecutorPlugin {

    @Override
    public void init(PluginContext plugin, Map<String, String> ofDriver) {
      DecodeActivity activity = DecodeActivity.ofThisJvm();
      activity.metrics().register(plugin.metricRegistry(), "");
      activity.tell(report -> send(plugin, report));
    }

    @Override
    public void shutdown() {
      DecodeActivity.ofThisJvm().tell(GenerateProgress.ofThisJvm()::add);
    }

    private static void send(PluginContext plugin, BatchReport report) {
      try {
        plugin.send(report);
      } catch (IOException | RuntimeException e) {
        // images count, not this report of them
        LOG.debug("Cannot tell the driver of a batch", e);
      }
    }
  }
}
