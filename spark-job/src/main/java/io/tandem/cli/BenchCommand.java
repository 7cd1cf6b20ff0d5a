package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.engine.Machine;
import io.tandem.generate.DecodeConfig;
import io.tandem.generate.ModelSet;
import io.tandem.image.PixelRounding;
import io.tandem.job.BenchmarkResult;
import io.tandem.job.DecodeBenchmark;
import io.tandem.job.JsonFile;
import io.tandem.job.ModelSources;
import io.tandem.plan.MemoryEstimate;
import io.tandem.report.BenchmarkText;
import io.tandem.report.DecodeText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem bench}: how fast batches are decoded, against the machine's own limit. */
@Command(
    name = "bench",
    sortOptions = false,
    description = {
      "Measures decoding per scale and stage, as a share of the machine's own rate of matrix"
          + " products, and against plain VAR by the plan's first model."
    })
final class BenchCommand implements Callable<Integer> {

  private static final int USUAL_BATCH = 4;
  private static final int MOST_BATCHES = 10_000;

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions models;
  @Mixin private SamplingOptions sampling;
  @Mixin private DeviceOptions devices;
  @Mixin private BatchOptions batching;

  @Option(
      names = "--repeat",
      defaultValue = "5",
      paramLabel = "N",
      description = "Measured batches, after one that warms up (default ${DEFAULT-VALUE}).")
  private int repeat;

  @Option(
      names = "--baseline-repeat",
      defaultValue = "1",
      paramLabel = "N",
      description = "Measured batches of plain VAR; 0 for none (default ${DEFAULT-VALUE}).")
  private int baselineRepeat;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result for machines.")
  private Path json;

  @Override
  public Integer call() {
    check(
        repeat >= 1 && repeat <= MOST_BATCHES,
        "Cannot measure %d batches (1 to %d). Correct --repeat.",
        repeat,
        MOST_BATCHES);
    check(
        baselineRepeat >= 0 && baselineRepeat <= MOST_BATCHES,
        "Cannot measure %d batches (0 to %d). Correct --baseline-repeat.",
        baselineRepeat,
        MOST_BATCHES);
    try (ModelSources sources = ModelSources.open(models.transformers(), models.tokeniser())) {
      int scales = sources.latent().schedule().scales();
      DecodeConfig config =
          new DecodeConfig(
              models.plan(scales),
              sampling.guidance(scales),
              sampling.sampling(scales),
              PixelRounding.NEAREST);
      measure(sources, config);
    }
    return ExitCode.DONE;
  }

  private void measure(ModelSources sources, DecodeConfig config) {
    PrintWriter out = spec.commandLine().getOut();
    int batchSize = batching.size(USUAL_BATCH, USUAL_BATCH);
    DeviceOptions.Execution execution = devices.start();
    MemoryEstimate estimate =
        MemoryEstimate.of(
            config.plan(),
            sources.configs(),
            sources.tokeniserConfig(),
            execution.precision(),
            batchSize,
            config.guidance());
    estimate.checkFits(Machine.freeBytes(execution.device()));
    ModelSources.Loaded loaded = sources.load(execution.precision(), execution.device());
    try (ModelSet set = loaded.models()) {
      out.print(DecodeText.of(loaded.loading()));
      DecodeBenchmark.Measured measured =
          new DecodeBenchmark(
                  set,
                  config,
                  new DecodeBenchmark.Load(
                      execution.precision(), batchSize, repeat, baselineRepeat))
              .run();
      BenchmarkResult result =
          new BenchmarkResult(
              new BenchmarkResult.Setting(
                  sources.origins(),
                  execution.precision().name().toLowerCase(Locale.ROOT),
                  execution.device().toString(),
                  execution.threads(),
                  batchSize,
                  Software.versions()),
              measured.rate(),
              measured.plan(),
              measured.baseline(),
              new BenchmarkResult.Memory(
                  estimate.weightBytes(),
                  measured.cacheBytes(),
                  Machine.residentSet().map(Machine.ResidentSet::peakBytes).orElse(0L)));
      if (json != null) {
        JsonFile.write(json, result);
      }
      out.print(BenchmarkText.of(result));
    }
  }
}
