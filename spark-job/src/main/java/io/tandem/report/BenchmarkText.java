package io.tandem.report;

import io.tandem.job.BenchmarkResult;
import io.tandem.job.BenchmarkResult.Run;
import io.tandem.job.BenchmarkResult.ScaleSpeed;
import io.tandem.job.BenchmarkResult.Speed;
import io.tandem.job.BenchmarkResult.StageSpeed;
import java.util.Locale;

/** A benchmark result as tables for a terminal. */
public final class BenchmarkText {

  private static final double MEBIBYTE = 1 << 20;

  private final StringBuilder text = new StringBuilder();

  private BenchmarkText() {}

  /** Returns the tables, each line ended. */
  public static String of(BenchmarkResult result) {
    BenchmarkText text = new BenchmarkText();
    text.head(result);
    text.run(result.plan());
    result
        .baseline()
        .ifPresent(
            baseline -> {
              text.run(baseline);
              text.line(
                  "The plan is %.2f times as fast as plain VAR by its first model.",
                  result.plan().imagesPerSecond() / baseline.imagesPerSecond());
            });
    text.memory(result);
    return text.text.toString();
  }

  private void head(BenchmarkResult result) {
    BenchmarkResult.Setting setting = result.setting();
    line("models     %s", String.join(", ", setting.models()));
    line(
        "setting    %s on %s, %d threads, batch of %d (%s)",
        setting.precision(),
        setting.device(),
        setting.threads(),
        setting.batchSize(),
        setting.software());
    line(
        "rate       %.1f GFLOP/s: best of five 2048^3 products (before %.1f, after %.1f)",
        result.rate().best(), result.rate().before(), result.rate().after());
  }

  private void run(Run run) {
    line("");
    line(
        "plan %s: median of %d batches, share = work per second / rate",
        run.plan(), run.batchSeconds().size());
    line(
        "%5s %5s  %-10s %11s %11s %9s %6s %11s",
        "scale", "side", "model", "ms", "GFLOP", "GFLOP/s", "share", "sample ms");
    for (ScaleSpeed scale : run.scales()) {
      if (scale.prefill().gflop() > 0) {
        row("", "", scale.model() + " prefill", scale.prefill(), "");
      }
      row(
          String.valueOf(scale.scale()),
          String.valueOf(scale.side()),
          scale.model(),
          scale.decode(),
          "%.1f".formatted(scale.sampleMilliseconds()));
    }
    line("%11s  %-10s", "", "stage");
    for (StageSpeed stage : run.stages()) {
      if (stage.speed().milliseconds() > 0) {
        row("", "", stage.stage(), stage.speed(), stage.kernel() ? "" : "no kernel");
      }
    }
    row("", "", "batch", run.whole(), "");
    line(
        "%.3f images/s, %.3f s per image; outside kernels %.1f %%; batches %s s",
        run.imagesPerSecond(),
        1 / run.imagesPerSecond(),
        100 * run.outsideKernels(),
        run.batchSeconds().stream().map("%.2f"::formatted).toList());
  }

  private void row(String scale, String side, String name, Speed speed, String last) {
    String work = speed.gflop() == 0 ? "" : "%.1f".formatted(speed.gflop());
    String rate = speed.gflop() == 0 ? "" : "%.1f".formatted(speed.gflopPerSecond());
    String share = speed.gflop() == 0 ? "" : "%.2f".formatted(speed.share());
    line(
        "%5s %5s  %-14s %7.1f %11s %9s %6s %11s",
        scale, side, name, speed.milliseconds(), work, rate, share, last);
  }

  private void memory(BenchmarkResult result) {
    line("");
    line(
        "memory     weights %,.0f MiB, caches %,.0f MiB, most resident %,.0f MiB",
        result.memory().weights() / MEBIBYTE,
        result.memory().caches() / MEBIBYTE,
        result.memory().residentPeak() / MEBIBYTE);
  }

  private void line(String format, Object... args) {
    text.append(String.format(Locale.ROOT, format, args).stripTrailing()).append('\n');
  }
}
