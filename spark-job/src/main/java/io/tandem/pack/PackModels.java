package io.tandem.pack;

import static io.tandem.base.Checks.check;

import io.tandem.generate.Compatibility;
import io.tandem.model.FeatureConfig;
import io.tandem.model.LatentSpace;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.weights.FeatureCheckpoint;
import io.tandem.weights.VarCheckpoint;
import io.tandem.weights.VqCheckpoint;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The models in the folder of a demo pack, open and known to fit together, but not loaded.
 *
 * <p>Each model is the file {@code <name>.safetensors}. Tokeniser and feature network must be
 * there, and one of drafter and refiner, from which the scales are read; all others may be missing.
 * The fine-tuned pair is named after the scales of its drafter, all but the last two: {@code
 * drafter-n8} where there are ten.
 */
public final class PackModels implements AutoCloseable {

  static final String TOKENISER = "tokeniser";
  static final String FEATURES = "features";
  static final String DRAFTER = "drafter";
  static final String REFINER = "refiner";
  static final String CONTROL_DRAFTER = "drafter-control";
  static final String CONTROL_REFINER = "refiner-control";
  static final String LAST_THREE_REFINER = "refiner-last3";

  private static final String SUFFIX = ".safetensors";

  /** So that there are scales for each pair that is measured. */
  private static final int LEAST_SCALES = 4;

  private final Path folder;
  private final WeightSource tokeniser;
  private final WeightSource features;
  private final Map<String, WeightSource> transformers;
  private final Map<String, VarConfig> configs;
  private final VqConfig tokeniserConfig;

  private PackModels(
      Path folder,
      WeightSource tokeniser,
      WeightSource features,
      Map<String, WeightSource> transformers) {
    this.folder = folder;
    this.tokeniser = tokeniser;
    this.features = features;
    this.transformers = Collections.unmodifiableMap(transformers);
    Compatibility.check(transformers, tokeniser);
    Map<String, VarConfig> architectures = new LinkedHashMap<>();
    transformers.forEach((name, source) -> architectures.put(name, VarCheckpoint.config(source)));
    this.configs = Collections.unmodifiableMap(architectures);
    this.tokeniserConfig = VqCheckpoint.config(tokeniser);
    int known = FeatureCheckpoint.config(features).classes();
    check(
        classes() == FeatureConfig.DEMO.classes() && known == classes(),
        "Cannot measure pack '%s': its transformers know %d classes, its feature network %d (%d,"
            + " the classes of shapes)",
        folder,
        classes(),
        known,
        FeatureConfig.DEMO.classes());
  }

  /**
   * Opens the models; the caller closes the result.
   *
   * @throws io.tandem.base.UserError if there is no such folder, a model is missing that must be
   *     there, or models do not fit together
   */
  public static PackModels open(Path folder) {
    check(
        Files.isDirectory(folder),
        "Cannot measure pack '%s': %s (a folder of trained models is needed)",
        folder,
        Files.exists(folder) ? "it is a file" : "there is no such folder");
    for (String name : List.of(TOKENISER, FEATURES)) {
      check(
          isThere(folder, name),
          "Cannot measure pack '%s': there is no '%s' in it (%s, %s, and %s or %s are needed)."
              + " Train it first.",
          folder,
          name + SUFFIX,
          TOKENISER,
          FEATURES,
          DRAFTER,
          REFINER);
    }
    check(
        isThere(folder, DRAFTER) || isThere(folder, REFINER),
        "Cannot measure pack '%s': there is neither '%s' nor '%s' in it (one of them is needed)."
            + " Train it first.",
        folder,
        DRAFTER + SUFFIX,
        REFINER + SUFFIX);
    List<WeightSource> opened = new ArrayList<>();
    try {
      WeightSource tokeniser = source(folder, TOKENISER, opened);
      WeightSource features = source(folder, FEATURES, opened);
      Map<String, WeightSource> transformers = new LinkedHashMap<>();
      for (String name : names(scales(folder))) {
        if (isThere(folder, name)) {
          transformers.put(name, source(folder, name, opened));
        }
      }
      return new PackModels(folder, tokeniser, features, transformers);
    } catch (RuntimeException e) {
      opened.forEach(WeightSource::close);
      throw e;
    }
  }

  private static WeightSource source(Path folder, String name, List<WeightSource> opened) {
    WeightSource source = WeightFiles.open(file(folder, name).toString());
    opened.add(source);
    return source;
  }

  private static int scales(Path folder) {
    Path any = file(folder, isThere(folder, DRAFTER) ? DRAFTER : REFINER);
    try (WeightSource source = WeightFiles.open(any.toString())) {
      int scales = VarCheckpoint.config(source).schedule().scales();
      check(
          scales >= LEAST_SCALES,
          "Cannot measure pack '%s': its images have %d scales (at least %d)",
          folder,
          scales,
          LEAST_SCALES);
      return scales;
    }
  }

  private static Path file(Path folder, String name) {
    return folder.resolve(name + SUFFIX);
  }

  private static boolean isThere(Path folder, String name) {
    return Files.isRegularFile(file(folder, name));
  }

  /** Returns the names of all transformers that a pack may have. */
  static List<String> names(int scales) {
    return List.of(
        DRAFTER,
        REFINER,
        tunedDrafter(scales),
        tunedRefiner(scales),
        CONTROL_DRAFTER,
        CONTROL_REFINER,
        LAST_THREE_REFINER);
  }

  /** Returns how many scales the drafter of the fine-tuned pair decodes. */
  static int tunedDraftScales(int scales) {
    return scales - 2;
  }

  static String tunedDrafter(int scales) {
    return DRAFTER + "-n" + tunedDraftScales(scales);
  }

  static String tunedRefiner(int scales) {
    return REFINER + "-n" + tunedDraftScales(scales);
  }

  /** Returns the models that ship, by file name; the others are there for comparison. */
  Map<String, WeightSource> shipped() {
    Map<String, WeightSource> shipped = new LinkedHashMap<>();
    shipped.put(TOKENISER + SUFFIX, tokeniser);
    for (String name : List.of(DRAFTER, REFINER, tunedDrafter(scales()), tunedRefiner(scales()))) {
      if (transformers.containsKey(name)) {
        shipped.put(name + SUFFIX, transformers.get(name));
      }
    }
    shipped.put(FEATURES + SUFFIX, features);
    return shipped;
  }

  /** Returns the folder. */
  public Path folder() {
    return folder;
  }

  /** Returns what all models share. */
  public LatentSpace latent() {
    return configs.values().iterator().next().latent();
  }

  /** Returns the number of scales of an image. */
  public int scales() {
    return latent().schedule().scales();
  }

  /** Returns the number of classes. */
  public int classes() {
    return configs.values().iterator().next().classes();
  }

  /** Returns the width and height of the images in pixels. */
  public int side() {
    return latent().schedule().finestSide() * tokeniserConfig.pixelsPerCell();
  }

  /** Returns the architectures of the transformers that are there, by name. */
  public Map<String, VarConfig> configs() {
    return configs;
  }

  VqConfig tokeniserConfig() {
    return tokeniserConfig;
  }

  WeightSource tokeniser() {
    return tokeniser;
  }

  WeightSource features() {
    return features;
  }

  Map<String, WeightSource> transformers() {
    return transformers;
  }

  @Override
  public void close() {
    transformers.values().forEach(WeightSource::close);
    features.close();
    tokeniser.close();
  }
}
