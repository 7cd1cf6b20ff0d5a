package io.tandem.registry;

import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import java.util.List;

/**
 * Models that are wanted together.
 *
 * @param transformers at least one, each under a name of its own
 * @param tokeniser what they share
 * @param precision format of products
 * @param device where they are to be
 * @param threads of a kernel on the processor while weights are laid out
 */
public record ModelRequest(
    List<ModelFile> transformers,
    ModelFile tokeniser,
    Precision precision,
    DeviceSpec device,
    int threads) {

  public ModelRequest {
    transformers = List.copyOf(transformers);
    long names = transformers.stream().map(ModelFile::name).distinct().count();
    if (transformers.isEmpty() || names != transformers.size() || threads < 1) {
      throw new IllegalArgumentException(
          "Cannot lend " + transformers + " with " + threads + " threads");
    }
  }
}
