package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.engine.Machine;
import io.tandem.generate.BatchRequest;
import io.tandem.generate.DecodeConfig;
import io.tandem.generate.GeneratedBatch;
import io.tandem.generate.ImageGenerator;
import io.tandem.generate.ModelSet;
import io.tandem.generate.TokenDecoder;
import io.tandem.job.DecodeFolder;
import io.tandem.job.DecodeJob;
import io.tandem.job.DecodeResult;
import io.tandem.job.EncodeJob;
import io.tandem.job.ModelSources;
import io.tandem.job.SampleOrder;
import io.tandem.job.StoredTokens;
import io.tandem.job.TraceFile;
import io.tandem.metrics.Stage;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.plan.MemoryEstimate;
import io.tandem.plan.PerScale;
import io.tandem.report.DecodeText;
import io.tandem.sample.SamplingConfig;
import io.tandem.vq.Tokenizer;
import java.io.PrintWriter;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem decode}: images in this process, from labels or from stored tokens. */
@Command(
    name = "decode",
    sortOptions = false,
    description = {
      "Decodes images here and now: from class labels, from the tokens of the first scales, or"
          + " from those of all scales, which needs no transformer."
    })
final class DecodeCommand implements Callable<Integer> {

  private static final int USUAL_BATCH = 8;

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions models;
  @Mixin private SampleOptions samples;

  @Option(
      names = "--first-index",
      paramLabel = "N",
      description = {
        "Index of the first image in the run (default 0). Index, label and seed decide all draws."
      })
  private Long firstIndex;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = {
        "Start from the tokens in this file: a tokens.npz or a trace. With the tokens of all scales"
            + " and no transformer, only pixels are made."
      })
  private Path tokens;

  @Option(
      names = "--encode",
      split = ConfigFile.SEPARATOR,
      arity = "1..*",
      paramLabel = "IMAGE",
      description = {
        "Start from the tokens of these PNG or JPEG files, as --tokens does from stored ones."
      })
  private List<Path> encode;

  @Option(
      names = "--sides",
      split = ",",
      paramLabel = "SIDE",
      description = {
        "Sides of the token maps of --encode without a transformer, coarse to fine (default: those"
            + " of the released models for 256 or 512 pixels)."
      })
  private List<Integer> sides;

  @Option(
      names = "--token-scales",
      paramLabel = "N",
      description = "Take the tokens of the first N scales only.")
  private Integer tokenScales;

  @Mixin private SamplingOptions sampling;
  @Mixin private DeviceOptions devices;
  @Mixin private BatchOptions batching;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() {
    output.checkPlaces();
    checkStart();
    boolean pixelsOnly = startsFromTokens() && !models.nameTransformers();
    Map<String, String> transformers = pixelsOnly ? Map.of() : models.transformers();
    try (ModelSources sources = ModelSources.open(transformers, models.tokeniser())) {
      StoredTokens given = given(sources, pixelsOnly);
      if (pixelsOnly) {
        decodeTokens(sources, given);
      } else {
        decode(sources, given);
      }
    }
    return ExitCode.DONE;
  }

  private boolean startsFromTokens() {
    return tokens != null || encode != null;
  }

  private void checkStart() {
    check(
        tokens == null || encode == null,
        "Cannot start from --tokens and --encode at once. Pass one of them.");
    check(
        startsFromTokens() || tokenScales == null,
        "Cannot use --token-scales without --tokens or --encode, where the tokens come from");
    check(
        sides == null || (encode != null && !models.nameTransformers()),
        "Cannot use --sides but with --encode and without a transformer, which has its own");
  }

  private StoredTokens given(ModelSources sources, boolean pixelsOnly) {
    if (!startsFromTokens()) {
      return StoredTokens.NONE;
    }
    StoredTokens all = tokens != null ? StoredTokens.read(tokens) : encoded(sources, pixelsOnly);
    return tokenScales == null ? all : all.firstScales(tokenScales);
  }

  private StoredTokens encoded(ModelSources sources, boolean pixelsOnly) {
    EncodeJob job = new EncodeJob(sources, encode);
    ScaleSchedule schedule;
    if (!pixelsOnly) {
      schedule = sources.latent().schedule();
    } else {
      schedule = sides == null ? job.usualSchedule() : new ScaleSchedule(sides);
    }
    DeviceOptions.Execution execution = devices.start();
    return job.run(
        schedule,
        execution.precision(),
        execution.device(),
        batching.size(encode.size(), USUAL_BATCH));
  }

  private void decode(ModelSources sources, StoredTokens given) {
    LatentSpace latent = sources.latent();
    int scales = latent.schedule().scales();
    DecodeConfig config =
        new DecodeConfig(
            models.plan(scales),
            sampling.guidance(scales),
            sampling.sampling(scales),
            output.rounding());
    SampleOrder order = order(given, sources.classes());
    int batchSize = batching.size(order.count(), USUAL_BATCH);
    List<BatchRequest> batches = order.batches(sampling.seed(), batchSize, given);
    batches.forEach(batch -> batch.check(latent, sources.classes()));
    try (Outputs outputs = open(order, latent, sources.tokeniserConfig(), batches)) {
      DeviceOptions.Execution execution = devices.start();
      MemoryEstimate.of(
              config.plan(),
              sources.configs(),
              sources.tokeniserConfig(),
              execution.precision(),
              batchSize,
              config.guidance())
          .checkFits(Machine.freeBytes(execution.device()));
      DecodeResult.Setting setting =
          setting(sources, Optional.of(described(config)), execution, batchSize);
      printer().print(DecodeText.of(setting));
      ModelSources.Loaded loaded = sources.load(execution.precision(), execution.device());
      try (ModelSet set = loaded.models()) {
        ImageGenerator generator = new ImageGenerator(set, config);
        DecodeJob job = new DecodeJob(generator::generate, set::drain, outputs.all());
        finish(job, order, batches, new DecodeJob.Header(setting, loaded.loading()));
      }
    }
  }

  private void decodeTokens(ModelSources sources, StoredTokens given) {
    VqConfig vq = sources.tokeniserConfig();
    LatentSpace latent = new LatentSpace(vq.vocabulary(), vq.codeChannels(), given.schedule());
    SampleOrder order = order(given, Integer.MAX_VALUE);
    int batchSize = batching.size(order.count(), USUAL_BATCH);
    List<BatchRequest> batches = order.batches(sampling.seed(), batchSize, given);
    batches.forEach(batch -> batch.check(latent, Integer.MAX_VALUE));
    try (Outputs outputs = open(order, latent, vq, batches)) {
      DeviceOptions.Execution execution = devices.start();
      DecodeResult.Setting setting = setting(sources, Optional.empty(), execution, batchSize);
      printer().print(DecodeText.of(setting));
      long start = System.nanoTime();
      try (Tokenizer tokenizer =
          Tokenizer.load(
              sources.tokeniser(), latent.schedule(), execution.precision(), execution.device())) {
        ModelSources.Loading loading =
            new ModelSources.Loading(
                sources.tokeniser().bytes(), (System.nanoTime() - start) / 1e9);
        TokenDecoder decoder = new TokenDecoder(tokenizer, latent.schedule(), execution.device());
        DecodeJob job =
            new DecodeJob(
                (request, latency, observer) ->
                    new GeneratedBatch(
                        request.givenTokens(),
                        latency.time(
                            Stage.VAE,
                            () ->
                                decoder.decode(
                                    request.givenTokens(), output.rounding(), observer))),
                () -> {},
                outputs.all());
        finish(job, order, batches, new DecodeJob.Header(setting, loading));
      }
    }
  }

  private void finish(
      DecodeJob job, SampleOrder order, List<BatchRequest> batches, DecodeJob.Header header) {
    printer().print(DecodeText.of(header.loading()));
    Progress progress = new Progress(spec.commandLine().getErr(), order.count());
    DecodeResult result = job.run(order, batches, header, progress);
    output.write(result);
    printer().print(DecodeText.times(result));
    printer().printf("wrote      %s%n", output.places());
  }

  /**
   * Labels come from the options, else from the file of tokens. Only where no transformer reads
   * them may they be unknown, and are 0.
   */
  private SampleOrder order(StoredTokens given, int classes) {
    long first = firstIndex != null ? firstIndex : given.firstIndex().orElse(0);
    if (!startsFromTokens()) {
      return samples.wanted(classes).order(first);
    }
    check(
        samples.arePresent() || given.labels().isPresent() || !models.nameTransformers(),
        "Cannot decode on from tokens of unknown classes. Pass --labels.");
    SampleOrder order =
        samples.arePresent()
            ? samples.wanted(classes).order(first)
            : SampleOrder.listed(
                first, given.labels().orElse(Collections.nCopies(given.images(), 0)));
    check(
        order.count() == given.images(),
        "Cannot decode on from the tokens of %d images: %d are asked for (as many are needed)",
        given.images(),
        order.count());
    return order;
  }

  private Outputs open(
      SampleOrder order, LatentSpace latent, VqConfig vq, List<BatchRequest> batches) {
    int pixels = latent.schedule().finestSide() * vq.pixelsPerCell();
    int images = Math.multiplyExact(batches.size(), batches.get(0).images());
    Optional<DecodeFolder> folder = output.folder(order);
    try {
      return new Outputs(
          folder, output.trace(new TraceFile.Scope(latent, pixels, images, output.logits())));
    } catch (RuntimeException e) {
      folder.ifPresent(DecodeFolder::close);
      throw e;
    }
  }

  /** What is written, closed together. */
  private record Outputs(Optional<DecodeFolder> folder, Optional<TraceFile> trace)
      implements AutoCloseable {

    DecodeJob.Output all() {
      return new DecodeJob.Output(folder, trace);
    }

    @Override
    public void close() {
      trace.ifPresent(TraceFile::close);
      folder.ifPresent(DecodeFolder::close);
    }
  }

  private DecodeResult.Setting setting(
      ModelSources sources,
      Optional<DecodeResult.Decoding> decoding,
      DeviceOptions.Execution execution,
      int batchSize) {
    return new DecodeResult.Setting(
        sources.origins(),
        decoding,
        output.rounding().name().toLowerCase(Locale.ROOT),
        sampling.seed(),
        new DecodeResult.Execution(
            execution.precision().name().toLowerCase(Locale.ROOT),
            execution.device().toString(),
            execution.threads(),
            batchSize,
            Software.versions()));
  }

  private static DecodeResult.Decoding described(DecodeConfig config) {
    SamplingConfig sampling = config.sampling();
    return new DecodeResult.Decoding(
        config.plan().toString(),
        config.guidance().toString(),
        text(sampling.topK()),
        text(sampling.topP()),
        text(sampling.temperature()),
        sampling.selection().name());
  }

  private static <T extends Serializable> String text(List<T> values) {
    return new PerScale<>(values).toString();
  }

  private PrintWriter printer() {
    return spec.commandLine().getOut();
  }
}
