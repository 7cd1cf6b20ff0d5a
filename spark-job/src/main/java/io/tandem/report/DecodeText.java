package io.tandem.report;

import io.tandem.job.DecodeResult;
import io.tandem.job.ModelSources.Loading;
import io.tandem.metrics.LatencyReport;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** What a decode does and did, as lines for a terminal. */
public final class DecodeText {

  private DecodeText() {}

  /** Returns the resolved settings, each line ended. */
  public static String of(DecodeResult.Setting setting) {
    StringBuilder text = new StringBuilder();
    line(text, "models     %s", String.join(", ", setting.models()));
    setting
        .decoding()
        .ifPresent(
            decoding -> {
              line(text, "plan       %s, guidance %s", decoding.plan(), decoding.guidance());
              line(
                  text,
                  "sampling   %s, top-k %s, top-p %s, temperature %s, seed %s",
                  decoding.selection().toLowerCase(Locale.ROOT),
                  decoding.topK(),
                  decoding.topP(),
                  decoding.temperature(),
                  Long.toUnsignedString(setting.seed()));
            });
    DecodeResult.Execution execution = setting.execution();
    line(
        text,
        "setting    %s on %s, %d threads, batches of %d, pixels rounded: %s (%s)",
        execution.precision(),
        execution.device(),
        execution.threads(),
        execution.batchSize(),
        setting.rounding(),
        execution.software());
    return text.toString();
  }

  /** Returns how long loading took, with the line end. */
  public static String of(Loading loading) {
    return String.format(
        Locale.ROOT,
        "loaded     %,.1f MB in %.2f s, %.2f GB/s%n",
        loading.bytes() / 1e6,
        loading.seconds(),
        loading.gigabytesPerSecond());
  }

  /** Returns how long decoding took and where its time went, each line ended. */
  public static String times(DecodeResult result) {
    StringBuilder text = new StringBuilder();
    List<LatencyReport> batches = result.batches();
    line(
        text,
        "decoded    %d images in %.2f s, %.2f images/s",
        result.pictures().size(),
        result.seconds(),
        result.imagesPerSecond());
    line(
        text,
        "time       prefill %.2f s, transformer %.2f s, sampling %.2f s, VAE %.2f s, PNG %.2f s,"
            + " caches %,.1f MB",
        seconds(batches, LatencyReport::prefillNanos),
        seconds(batches, LatencyReport::decodeNanos),
        seconds(batches, LatencyReport::sampleNanos),
        seconds(batches, LatencyReport::vaeNanos),
        seconds(batches, LatencyReport::encodeNanos),
        batches.stream().mapToLong(LatencyReport::peakCacheBytes).max().orElse(0) / 1e6);
    return text.toString();
  }

  private static double seconds(List<LatencyReport> batches, ToLongFunction<LatencyReport> nanos) {
    return batches.stream().mapToLong(nanos).sum() / 1e9;
  }

  private static void line(StringBuilder text, String format, Object... args) {
    text.append(String.format(Locale.ROOT, format, args)).append(System.lineSeparator());
  }
}
