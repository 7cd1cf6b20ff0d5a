package io.tandem.generate;

import static io.tandem.base.Checks.check;

import io.tandem.kernel.NativeScope;
import io.tandem.kernel.ProductKernel;
import io.tandem.model.DeviceSpec;
import io.tandem.model.LatentSpace;
import io.tandem.model.Precision;
import io.tandem.model.VarConfig;
import io.tandem.transformer.VarTransformer;
import io.tandem.vq.Tokenizer;
import io.tandem.weights.WeightSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Transformers by name and the tokeniser they share, ready on one device.
 *
 * <p>Immutable and shared by threads. A set that was {@link #load loaded} owns its models: whoever
 * loads it closes it, after the last batch. A set that {@link #borrowing borrows} its models leaves
 * them to their owner, who keeps them open while the set is used.
 */
public final class ModelSet implements AutoCloseable {

  private final Map<String, VarTransformer> transformers;
  private final Tokenizer tokenizer;
  private final LatentSpace latent;
  private final DeviceSpec device;
  private final Ownership ownership;

  private enum Ownership {
    OWNED,
    BORROWED
  }

  private ModelSet(
      Map<String, VarTransformer> transformers,
      Tokenizer tokenizer,
      LatentSpace latent,
      DeviceSpec device,
      Ownership ownership) {
    this.transformers = transformers;
    this.tokenizer = tokenizer;
    this.latent = latent;
    this.device = device;
    this.ownership = ownership;
  }

  /**
   * Loads all models; the sources stay open.
   *
   * @param sources transformers by name
   * @param tokenizerSource the VQ-VAE
   * @throws io.tandem.base.UserError if a source is no such model, or the models do not share
   *     scales, vocabulary, code channels and classes
   */
  public static ModelSet load(
      Map<String, WeightSource> sources,
      WeightSource tokenizerSource,
      Precision precision,
      DeviceSpec device) {
    check(!sources.isEmpty(), "Cannot decode without a transformer. Pass --model NAME=FILE.");
    Compatibility.check(sources, tokenizerSource);
    Map<String, VarTransformer> transformers = new LinkedHashMap<>();
    try {
      sources.forEach(
          (name, source) -> transformers.put(name, VarTransformer.load(source, precision, device)));
      LatentSpace latent = transformers.values().iterator().next().config().latent();
      Tokenizer tokenizer = Tokenizer.load(tokenizerSource, latent.schedule(), precision, device);
      return new ModelSet(transformers, tokenizer, latent, device, Ownership.OWNED);
    } catch (RuntimeException | Error e) {
      transformers.values().forEach(VarTransformer::close);
      throw e;
    }
  }

  /**
   * Returns a set of models that other sets may share; closing it frees nothing.
   *
   * @param transformers by name, at least one; two names may mean one model
   * @param tokenizer loaded for the scales of the transformers
   * @param device where all of them are
   * @throws io.tandem.base.UserError if they do not share scales, vocabulary, code channels and
   *     classes
   */
  public static ModelSet borrowing(
      Map<String, VarTransformer> transformers, Tokenizer tokenizer, DeviceSpec device) {
    Map<String, VarTransformer> models = new LinkedHashMap<>(transformers);
    LatentSpace latent = models.values().iterator().next().config().latent();
    ModelSet set = new ModelSet(models, tokenizer, latent, device, Ownership.BORROWED);
    Compatibility.check(set.configs(), tokenizer.config(), "its tokeniser");
    return set;
  }

  /** Returns what the models share. */
  public LatentSpace latent() {
    return latent;
  }

  /** Returns where the models are. */
  public DeviceSpec device() {
    return device;
  }

  /** Returns the number of classes, which is that of every transformer. */
  public int classes() {
    return transformers.values().iterator().next().config().classes();
  }

  /** Returns the architectures by name. */
  public Map<String, VarConfig> configs() {
    Map<String, VarConfig> configs = new LinkedHashMap<>();
    transformers.forEach((name, transformer) -> configs.put(name, transformer.config()));
    return configs;
  }

  /** Returns the tokeniser. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Returns a transformer; the name must be one of {@link #configs()}. */
  public VarTransformer transformer(String name) {
    VarTransformer transformer = transformers.get(name);
    if (transformer == null) {
      throw new IllegalArgumentException("No model '" + name + "' among " + transformers.keySet());
    }
    return transformer;
  }

  /** Returns when the device has done all that was asked of it; a processor always has. */
  public void drain() {
    if (!device.isCpu()) {
      try (NativeScope scope = NativeScope.open(device)) {
        ProductKernel.drain(scope.floats(new float[1], 1));
      }
    }
  }

  /** Frees all weights that the set owns. */
  @Override
  public void close() {
    if (ownership == Ownership.OWNED) {
      transformers.values().forEach(VarTransformer::close);
      tokenizer.close();
    }
  }
}
