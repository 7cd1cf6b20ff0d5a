package io.tandem.registry;

import io.tandem.engine.Machine;
import io.tandem.model.ScaleSchedule;
import io.tandem.transformer.VarTransformer;
import io.tandem.vq.Tokenizer;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;

/** Loads weights of this host after it has made sure of their digest. */
final class WeightLoader implements ModelLoader {

  @Override
  public VarTransformer transformer(ModelFile file, ModelRequest request) {
    try (WeightSource source = WeightSources.transformer(file.location())) {
      checkDigest(file, source);
      return VarTransformer.load(source, request.precision(), request.device());
    }
  }

  @Override
  public Tokenizer tokeniser(ModelRequest request, ScaleSchedule schedule) {
    try (WeightSource source = WeightSources.tokeniser(request.tokeniser().location())) {
      checkDigest(request.tokeniser(), source);
      return Tokenizer.load(source, schedule, request.precision(), request.device());
    }
  }

  private static void checkDigest(ModelFile file, WeightSource source) {
    if (!source.sha256().equals(file.sha256())) {
      throw new WrongWeightsException(Machine.host(), file, source.sha256());
    }
  }
}
