package io.tandem.pack;

import io.tandem.features.FeatureNetwork;
import io.tandem.generate.ModelSet;
import io.tandem.kernel.LibTorch;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The models of a pack in memory, and by what their results are known. The caller closes it; the
 * sources stay open while it is used.
 */
final class LoadedPack implements AutoCloseable {

  private final PackModels sources;
  private final PackSettings settings;
  private final ModelSet models;
  private final FeatureReader reader;

  private LoadedPack(
      PackModels sources, PackSettings settings, ModelSet models, FeatureReader reader) {
    this.sources = sources;
    this.settings = settings;
    this.models = models;
    this.reader = reader;
  }

  static LoadedPack load(PackModels sources, PackSettings settings) {
    PackSettings.Execution execution = settings.execution();
    FeatureNetwork network = FeatureNetwork.load(sources.features(), execution.device());
    try {
      ModelSet models =
          ModelSet.load(
              sources.transformers(),
              sources.tokeniser(),
              execution.precision(),
              execution.device());
      return new LoadedPack(
          sources,
          settings,
          models,
          new FeatureReader(network, sources.features().sha256(), execution.device()));
    } catch (RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }

  PackModels sources() {
    return sources;
  }

  PackSettings settings() {
    return settings;
  }

  ModelSet models() {
    return models;
  }

  FeatureReader reader() {
    return reader;
  }

  /** Returns what decides the results of some transformers on given input. */
  String transformerIdentity(List<String> names) {
    return names.stream()
            .map(name -> name + " " + sources.transformers().get(name).sha256())
            .collect(Collectors.joining("\n"))
        + "\n"
        + execution();
  }

  /** Returns what decides the results of the tokeniser on given input. */
  String tokeniserIdentity() {
    return "tokeniser " + sources.tokeniser().sha256() + "\n" + execution();
  }

  private String execution() {
    PackSettings.Execution execution = settings.execution();
    return "%s on %s, batches of %d, %s"
        .formatted(
            execution.precision(),
            execution.device(),
            settings.amounts().batchSize(),
            LibTorch.version());
  }

  @Override
  public void close() {
    models.close();
    reader.network().close();
  }
}
