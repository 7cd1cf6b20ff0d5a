package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.executor.TandemPlugin;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.SessionSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateMetricsIT {

  private static final String SINK = "spark.metrics.conf.*.sink.prometheusServlet.";

  private static final Map<String, String> SETTINGS =
      Map.of(
          "spark.master",
          "local[2]",
          "spark.ui.enabled",
          "true",
          "spark.ui.port",
          "0",
          "spark.plugins",
          TandemPlugin.class.getName(),
          SINK + "class",
          "org.apache.spark.metrics.sink.PrometheusServlet",
          SINK + "path",
          "/metrics/prometheus");

  @TempDir Path folder;

  @Test
  void sparksPrometheusServletShowsTheNumbersOfARun() throws IOException, InterruptedException {
    try (EmbeddedSpark spark = EmbeddedSpark.open(SessionSettings.of(1, SETTINGS))) {
      Ran ran =
          Ran.tandem(
              "generate",
              "--model=big=" + TinyModels.LARGE,
              "--vae=" + TinyModels.VAE,
              "--images=12",
              "--batch-size=4",
              "--precision=fp32",
              "--out=" + folder.resolve("run"));
      assertThat(ran.exitCode()).as(ran.err()).isZero();

      String page = spark.session().sparkContext().uiWebUrl().get();
      String metrics = body(page + "/metrics/prometheus/");

      assertThat(number(metrics, "run_images_total")).isEqualTo(12);
      assertThat(number(metrics, "run_batches_total")).isEqualTo(3);
      assertThat(number(metrics, "run_failed_images_total")).isZero();
      assertThat(number(metrics, "run_model_load_seconds")).isPositive();
      assertThat(number(metrics, "run_scale_04_latency_ms")).isPositive();
      assertThat(page).startsWith("http://127.0.0.1:");
      assertThat(body(page + "/jobs/")).contains("wave 1 of 1: images 0 to 11");
    }
  }

  private static String body(String url) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static double number(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.contains("_" + name + "_Value"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("No " + name + " in " + metrics));
  }
}
