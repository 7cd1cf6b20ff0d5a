package io.tandem.generate;

import io.tandem.base.Checks;
import io.tandem.model.LatentSpace;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.weights.VarCheckpoint;
import io.tandem.weights.VqCheckpoint;
import io.tandem.weights.WeightSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Whether models can serve scales of one image, found from their files before any is loaded. */
public final class Compatibility {

  private Compatibility() {}

  /**
   * Passes if all models share one latent space and the transformers one set of classes.
   *
   * @param transformers by name, at least one
   * @throws io.tandem.base.UserError that names two models and what they do not share, or a source
   *     that holds no such model
   */
  public static void check(Map<String, WeightSource> transformers, WeightSource tokenizer) {
    Map<String, VarConfig> configs = new LinkedHashMap<>();
    transformers.forEach((name, source) -> configs.put(name, VarCheckpoint.config(source)));
    check(configs, VqCheckpoint.config(tokenizer), tokenizer.origin());
  }

  /** Does the same for architectures; the tokeniser comes from {@code origin}. */
  static void check(Map<String, VarConfig> transformers, VqConfig vq, String origin) {
    Iterator<Map.Entry<String, VarConfig>> configs = transformers.entrySet().iterator();
    Map.Entry<String, VarConfig> first = configs.next();
    VarConfig config = first.getValue();
    while (configs.hasNext()) {
      Map.Entry<String, VarConfig> other = configs.next();
      same(first.getKey(), config, other.getKey(), other.getValue());
    }
    LatentSpace latent = config.latent();
    Checks.check(
        vq.vocabulary() == latent.vocabulary() && vq.codeChannels() == latent.channels(),
        "Cannot decode tokens of '%s' with '%s': the tokeniser has %d codes of %d channels (the"
            + " transformer needs %d of %d). Pass the --vae that the transformer was trained on.",
        first.getKey(),
        origin,
        vq.vocabulary(),
        vq.codeChannels(),
        latent.vocabulary(),
        latent.channels());
  }

  private static void same(String name, VarConfig config, String otherName, VarConfig other) {
    Checks.check(
        config.schedule().equals(other.schedule()),
        "Cannot combine '%s' and '%s': their scales have the sides %s and %s (one image needs one"
            + " schedule). Pass models that were trained on the same schedule.",
        name,
        otherName,
        config.schedule(),
        other.schedule());
    Checks.check(
        config.latent().equals(other.latent()),
        "Cannot combine '%s' and '%s': their vocabularies have %d codes of %d channels and %d of"
            + " %d (one image needs one vocabulary). Pass models that share a tokeniser.",
        name,
        otherName,
        config.latent().vocabulary(),
        config.latent().channels(),
        other.latent().vocabulary(),
        other.latent().channels());
    Checks.check(
        config.classes() == other.classes(),
        "Cannot combine '%s' and '%s': they know %d and %d classes (labels must mean the same to"
            + " both). Pass models that were trained on the same classes.",
        name,
        otherName,
        config.classes(),
        other.classes());
  }
}
