package io.tandem.job;

import io.tandem.executor.GenerateSpec;
import io.tandem.executor.ModelFiles;
import io.tandem.executor.NamedModel;
import io.tandem.generate.Compatibility;
import io.tandem.generate.ModelSet;
import io.tandem.model.DeviceSpec;
import io.tandem.model.LatentSpace;
import io.tandem.model.Precision;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.weights.ClassNames;
import io.tandem.weights.VarCheckpoint;
import io.tandem.weights.VqCheckpoint;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The models of a job, open and known to fit together, but not loaded: plans are read and memory is
 * reckoned before the first byte of weights moves.
 */
public final class ModelSources implements AutoCloseable {

  /** An address of a file system other than the local one. */
  private static final Pattern ADDRESS = Pattern.compile("(?!file:)[A-Za-z][A-Za-z0-9+.-]+:/.*");

  private final Map<String, WeightSource> transformers = new LinkedHashMap<>();
  private final Map<String, VarConfig> configs = new LinkedHashMap<>();

  /** What users name models of other file systems by, by the path of the copy on this host. */
  private final Map<String, String> addresses = new HashMap<>();

  private final WeightSource tokeniser;
  private final VqConfig tokeniserConfig;

  private ModelSources(Map<String, String> names, String tokeniserName) {
    try {
      names.forEach((name, text) -> transformers.put(name, WeightSources.transformer(local(text))));
      tokeniser = WeightSources.tokeniser(local(tokeniserName));
    } catch (RuntimeException e) {
      transformers.values().forEach(WeightSource::close);
      throw e;
    }
    try {
      if (!transformers.isEmpty()) {
        Compatibility.check(transformers, tokeniser);
      }
      transformers.forEach((name, source) -> configs.put(name, VarCheckpoint.config(source)));
      tokeniserConfig = VqCheckpoint.config(tokeniser);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens models; the caller closes the result.
   *
   * @param transformers what users name transformers by, by the names that plans use; none to make
   *     pixels from tokens alone
   * @param tokeniser what users name the tokeniser by
   * @throws io.tandem.base.UserError if one cannot be opened or they do not fit together
   */
  public static ModelSources open(Map<String, String> transformers, String tokeniser) {
    return new ModelSources(transformers, tokeniser);
  }

  /** Returns the architectures of the transformers by name. */
  public Map<String, VarConfig> configs() {
    return configs;
  }

  /** Returns the architecture of the tokeniser. */
  public VqConfig tokeniserConfig() {
    return tokeniserConfig;
  }

  /** Returns what all models share; there must be a transformer. */
  public LatentSpace latent() {
    return anyConfig().latent();
  }

  /** Returns the number of classes; there must be a transformer. */
  public int classes() {
    return anyConfig().classes();
  }

  /** Returns name and origin of each transformer, {@code big=random:16}, then of the tokeniser. */
  public List<String> origins() {
    List<String> origins = new ArrayList<>();
    transformers.forEach((name, source) -> origins.add(name + "=" + source.origin()));
    origins.add("vae=" + tokeniser.origin());
    return origins;
  }

  /**
   * Returns what executors are told of the models. The first call reads all files for their
   * digests.
   */
  public DataSetOrder.Models models() {
    List<NamedModel> named = new ArrayList<>();
    transformers.forEach((name, source) -> named.add(named(name, source)));
    return new DataSetOrder.Models(
        new GenerateSpec.ModelNames(named, named("vae", tokeniser)), configs, tokeniserConfig);
  }

  private NamedModel named(String name, WeightSource source) {
    String origin = addresses.getOrDefault(source.origin(), address(source.origin()));
    return new NamedModel(name, origin, source.bytes(), source.sha256());
  }

  /** Copies a model of another file system to this host, unless that was done before. */
  private String local(String text) {
    if (!ADDRESS.matcher(text).matches()) {
      return text;
    }
    String copy = ModelFiles.ofThisHost().localize(text);
    addresses.put(copy, text);
    return copy;
  }

  /** Executors run in other folders; what is no local file stays as it is. */
  private static String address(String origin) {
    if (WeightSources.isBuiltIn(origin)) {
      return origin;
    }
    try {
      Path path = Path.of(origin);
      return Files.exists(path) ? path.toAbsolutePath().normalize().toString() : origin;
    } catch (InvalidPathException e) {
      return origin;
    }
  }

  /** Returns the names of the classes, as the first transformer that tells any has them. */
  public List<String> classNames() {
    return transformers.values().stream()
        .map(source -> ClassNames.of(source, classes()))
        .filter(names -> !names.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  /** Returns the tokeniser's weights. */
  public WeightSource tokeniser() {
    return tokeniser;
  }

  /** Loads all models; the caller closes them. */
  public Loaded load(Precision precision, DeviceSpec device) {
    long start = System.nanoTime();
    ModelSet models = ModelSet.load(transformers, tokeniser, precision, device);
    long bytes = tokeniser.bytes();
    for (WeightSource source : transformers.values()) {
      bytes += source.bytes();
    }
    return new Loaded(models, new Loading(bytes, (System.nanoTime() - start) / 1e9));
  }

  /**
   * Models in memory.
   *
   * @param models to be closed by the caller
   * @param loading how long it took
   */
  public record Loaded(ModelSet models, Loading loading) {}

  /**
   * How long loading took.
   *
   * @param bytes of the checkpoints
   * @param seconds to read, cast and lay them out
   */
  public record Loading(long bytes, double seconds) {

    /** Returns the rate in GB per second. */
    public double gigabytesPerSecond() {
      return bytes / seconds / 1e9;
    }
  }

  private VarConfig anyConfig() {
    return configs.values().iterator().next();
  }

  @Override
  public void close() {
    transformers.values().forEach(WeightSource::close);
    tokeniser.close();
  }
}
