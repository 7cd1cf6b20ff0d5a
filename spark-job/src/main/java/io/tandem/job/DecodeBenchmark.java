package io.tandem.job;

import io.tandem.engine.ProductRate;
import io.tandem.generate.BatchRequest;
import io.tandem.generate.DecodeConfig;
import io.tandem.generate.DecodeObserver;
import io.tandem.generate.GeneratedBatch;
import io.tandem.generate.ImageGenerator;
import io.tandem.generate.ModelSet;
import io.tandem.generate.Sample;
import io.tandem.image.PngCodec;
import io.tandem.job.BenchmarkResult.Rate;
import io.tandem.job.BenchmarkResult.Run;
import io.tandem.job.BenchmarkResult.ScaleSpeed;
import io.tandem.job.BenchmarkResult.Speed;
import io.tandem.job.BenchmarkResult.StageSpeed;
import io.tandem.metrics.LatencyMode;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.metrics.LatencyReport;
import io.tandem.metrics.PlanWork;
import io.tandem.metrics.ScaleLatency;
import io.tandem.metrics.Stage;
import io.tandem.metrics.WorkCount;
import io.tandem.model.Precision;
import io.tandem.plan.DecodePlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Measures how fast batches are decoded, per scale and stage, against the machine's own rate of
 * matrix products in the same run.
 *
 * <p>One thread decodes, so nothing overlaps and the stages add up to the batch.
 */
public final class DecodeBenchmark {

  private static final long SEED = 1;

  private final ModelSet models;
  private final DecodeConfig config;
  private final Load load;

  /**
   * How much is measured.
   *
   * @param precision of the products that the rate is measured with
   * @param batchSize images per batch
   * @param batches measured batches of the plan, after one that warms up
   * @param baselineBatches measured batches of plain VAR, after one that warms up; 0 for none
   */
  public record Load(Precision precision, int batchSize, int batches, int baselineBatches) {}

  /** What {@link #run} measured. */
  public record Measured(Rate rate, Run plan, Optional<Run> baseline, long cacheBytes) {}

  public DecodeBenchmark(ModelSet models, DecodeConfig config, Load load) {
    this.models = models;
    this.config = config;
    this.load = load;
  }

  /** Decodes the batches and returns the medians. */
  public Measured run() {
    double before = rate();
    List<LatencyReport> planned = decode(config, load.batches());
    List<LatencyReport> plain = List.of();
    DecodeConfig single =
        new DecodeConfig(
            DecodePlan.single(config.plan().models().get(0), config.plan().scales()),
            config.guidance(),
            config.sampling(),
            config.rounding());
    if (load.baselineBatches() > 0 && !single.plan().equals(config.plan())) {
      plain = decode(single, load.baselineBatches());
    }
    Rate rate = new Rate(before, rate());
    Optional<Run> baseline =
        plain.isEmpty() ? Optional.empty() : Optional.of(summarised(single, plain, rate.best()));
    return new Measured(
        rate,
        summarised(config, planned, rate.best()),
        baseline,
        planned.stream().mapToLong(LatencyReport::peakCacheBytes).max().orElse(0));
  }

  private double rate() {
    return ProductRate.measure(models.device(), load.precision(), ProductRate.BENCHMARK_SIDE) / 1e9;
  }

  private List<LatencyReport> decode(DecodeConfig decoding, int batches) {
    ImageGenerator generator = new ImageGenerator(models, decoding);
    List<LatencyReport> reports = new ArrayList<>();
    for (int batch = 0; batch <= batches; batch++) {
      long first = (long) batch * load.batchSize();
      List<Sample> samples =
          IntStream.range(0, load.batchSize())
              .mapToObj(i -> new Sample(first + i, (int) ((first + i) % models.classes())))
              .toList();
      LatencyRecorder latency = new LatencyRecorder(LatencyMode.SYNC, models::drain);
      GeneratedBatch made =
          generator.generate(BatchRequest.of(SEED, samples), latency, DecodeObserver.NONE);
      latency.time(Stage.ENCODE, () -> made.images().stream().map(PngCodec::encode).toList());
      if (batch > 0) { // the first one warms up
        reports.add(latency.snapshot());
      }
    }
    return reports;
  }

  private Run summarised(DecodeConfig decoding, List<LatencyReport> reports, double rate) {
    DecodePlan plan = decoding.plan();
    PlanWork work = new PlanWork(plan, decoding.guidance(), models.configs());
    Medians medians = new Medians(reports, rate);
    List<ScaleSpeed> scales = new ArrayList<>();
    double draft = 0;
    double prefill = 0;
    double refine = 0;
    for (int scale = 0; scale < plan.scales(); scale++) {
      double decodeWork = work.decode(scale, load.batchSize());
      double prefillWork = work.prefill(scale, load.batchSize());
      prefill += prefillWork;
      if (isDrafted(plan, scale)) {
        draft += decodeWork;
      } else {
        refine += decodeWork;
      }
      int at = scale;
      scales.add(
          new ScaleSpeed(
              scale + 1,
              models.latent().schedule().side(scale),
              plan.modelAt(scale),
              medians.speed(report -> report.scales().get(at).prefillNanos(), prefillWork),
              medians.speed(report -> report.scales().get(at).decodeNanos(), decodeWork),
              medians.milliseconds(report -> report.scales().get(at).sampleNanos())));
    }
    double vae =
        (double) load.batchSize()
            * WorkCount.imageDecoder(
                models.tokenizer().config(), models.latent().schedule().finestSide());
    List<StageSpeed> stages =
        List.of(
            new StageSpeed("draft", medians.speed(r -> decodeNanos(r, plan, true), draft), true),
            new StageSpeed("prefill", medians.speed(LatencyReport::prefillNanos, prefill), true),
            new StageSpeed("refine", medians.speed(r -> decodeNanos(r, plan, false), refine), true),
            new StageSpeed("sample", medians.speed(LatencyReport::sampleNanos, 0), true),
            new StageSpeed("vae", medians.speed(LatencyReport::vaeNanos, vae), true),
            new StageSpeed("encode", medians.speed(LatencyReport::encodeNanos, 0), false),
            new StageSpeed("other", medians.speed(LatencyReport::otherNanos, 0), false));
    Speed whole = medians.speed(LatencyReport::totalNanos, draft + prefill + refine + vae);
    return new Run(
        plan.toString(),
        reports.stream().map(report -> report.totalNanos() / 1e9).toList(),
        whole,
        scales,
        stages,
        load.batchSize() / whole.milliseconds() * 1e3);
  }

  /** The drafter is the plan's first model; all others refine. */
  private static boolean isDrafted(DecodePlan plan, int scale) {
    return plan.modelAt(scale).equals(plan.modelAt(0));
  }

  private static long decodeNanos(LatencyReport report, DecodePlan plan, boolean drafted) {
    return report.scales().stream()
        .filter(scale -> isDrafted(plan, scale.step().scale()) == drafted)
        .mapToLong(ScaleLatency::decodeNanos)
        .sum();
  }

  /** Medians over batches, in the units of the result. */
  private record Medians(List<LatencyReport> reports, double rate) {

    double milliseconds(ToLongFunction<LatencyReport> nanos) {
      long[] sorted = reports.stream().mapToLong(nanos).sorted().toArray();
      int middle = sorted.length / 2;
      double median =
          sorted.length % 2 == 1
              ? sorted[middle]
              : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
      return median / 1e6;
    }

    Speed speed(ToLongFunction<LatencyReport> nanos, double work) {
      double milliseconds = milliseconds(nanos);
      double gflop = work / 1e9;
      double share = milliseconds == 0 ? 0 : gflop / milliseconds * 1e3 / rate;
      return new Speed(milliseconds, gflop, share);
    }
  }
}
