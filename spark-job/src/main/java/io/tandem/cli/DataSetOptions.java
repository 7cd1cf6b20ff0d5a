package io.tandem.cli;

import io.tandem.executor.FeatureColumn;
import io.tandem.generate.DecodeConfig;
import io.tandem.image.ImageCodec;
import io.tandem.job.DataSetOrder;
import io.tandem.job.ModelSources;
import io.tandem.job.NumberRanges;
import io.tandem.model.LatentSpace;
import io.tandem.wave.CycledLabels;
import io.tandem.wave.SampleBatches;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what a data set is: models, samples, how they are decoded and kept. */
final class DataSetOptions {

  /** Images per batch, unless the user says otherwise. */
  private static final int USUAL_BATCH = 8;

  @Mixin private ModelOptions models;
  @Mixin private SampleOptions samples;
  @Mixin private SamplingOptions sampling;
  @Mixin private ExecutionOptions execution;

  @Option(
      names = "--batch-size",
      defaultValue = "" + USUAL_BATCH,
      paramLabel = "N",
      description = "Images per batch (default ${DEFAULT-VALUE}).")
  private int batchSize;

  @Mixin private PictureOptions pictures;

  /**
   * What is known of models that were opened.
   *
   * @param models as orders name them
   * @param latent what they share
   * @param classNames those that they carry, possibly none
   */
  record Opened(DataSetOrder.Models models, LatentSpace latent, List<String> classNames) {

    /** Reads the digests of all files. */
    static Opened of(ModelSources sources) {
      return new Opened(sources.models(), sources.latent(), sources.classNames());
    }

    int classes() {
      return models.classes();
    }
  }

  /** Returns what names the models: two that are equal mean the same ones. */
  Map.Entry<Map<String, String>, String> modelNames() {
    return Map.entry(models.transformers(), models.tokeniser());
  }

  /**
   * Opens the models, which the caller closes.
   *
   * @throws io.tandem.base.UserError if one cannot be opened or they do not fit together
   */
  ModelSources open() {
    return ModelSources.open(models.transformers(), models.tokeniser());
  }

  SampleOptions samples() {
    return samples;
  }

  ExecutionOptions execution() {
    return execution;
  }

  int batchSize() {
    return batchSize;
  }

  long seed() {
    return sampling.seed();
  }

  ImageCodec codec() {
    return pictures.codec();
  }

  /** Returns the samples of classes in turn, or of listed labels. */
  DataSetOrder.Samples wanted(Opened opened) {
    SampleOptions.Wanted wanted = samples.wanted(opened.classes());
    return new DataSetOrder.Samples(
        seed(),
        new SampleBatches(new CycledLabels(wanted.labels()), batchSize),
        wanted.count(),
        Map.entry(wanted.kind().option(), NumberRanges.text(wanted.labels())),
        Optional.empty());
  }

  /** Returns the data set of {@code wanted}, with a column of features if one is wanted. */
  DataSetOrder order(Opened opened, DataSetOrder.Samples wanted, Optional<FeatureColumn> column) {
    int scales = opened.latent().schedule().scales();
    DecodeConfig decode =
        new DecodeConfig(
            models.plan(scales),
            sampling.guidance(scales),
            sampling.sampling(scales),
            pictures.rounding());
    return new DataSetOrder(
        opened.models(),
        decode,
        wanted,
        new DataSetOrder.Pictures(
            pictures.codec(), pictures.classNames(opened.classNames(), opened.classes()), column));
  }
}
