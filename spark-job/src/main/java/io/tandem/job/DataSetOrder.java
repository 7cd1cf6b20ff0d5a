package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.executor.FeatureColumn;
import io.tandem.executor.GenerateSpec;
import io.tandem.executor.NamedModel;
import io.tandem.generate.DecodeConfig;
import io.tandem.image.ImageCodec;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.plan.PerScale;
import io.tandem.run.RunModel;
import io.tandem.sample.SamplingConfig;
import io.tandem.sample.Selection;
import io.tandem.wave.SampleBatches;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A data set that is wanted: two orders that say the same make the same samples.
 *
 * @param models that decode
 * @param decode how
 * @param samples which
 * @param pictures what is kept of them
 */
public record DataSetOrder(Models models, DecodeConfig decode, Samples samples, Pictures pictures) {

  /** The setting that tells which weights the column of features is of, if there is one. */
  static final String FEATURES_SHA256 = "features-sha256";

  /**
   * Models as this process sees them.
   *
   * @param names by which executors find them
   * @param transformers architectures by the names in the plan
   * @param tokeniser architecture
   */
  public record Models(
      GenerateSpec.ModelNames names, Map<String, VarConfig> transformers, VqConfig tokeniser) {

    public Models {
      transformers = Map.copyOf(transformers);
    }

    /** Returns all models, the tokeniser last. */
    public List<NamedModel> all() {
      List<NamedModel> all = new ArrayList<>(names.transformers());
      all.add(names.tokeniser());
      return all;
    }

    /** Returns the number of classes. */
    public int classes() {
      return anyTransformer().classes();
    }

    /** Returns height and width of the images in pixels. */
    public int imageSide() {
      return anyTransformer().latent().schedule().finestSide() * tokeniser.pixelsPerCell();
    }

    private VarConfig anyTransformer() {
      return transformers.values().iterator().next();
    }
  }

  /**
   * Samples that are wanted.
   *
   * @param seed of all draws
   * @param batches how they are grouped and labelled
   * @param count how many
   * @param labels the labels in words: an option and its value
   * @param labelFile where the labels come from, if from a table
   */
  public record Samples(
      long seed,
      SampleBatches batches,
      long count,
      Map.Entry<String, String> labels,
      Optional<LabelFile> labelFile) {

    public Samples {
      check(count >= 1, "Cannot make %d images (1 or more). Correct --images.", count);
    }
  }

  /**
   * What is kept of an image.
   *
   * @param codec format of pictures
   * @param classNames by class; empty if they have no names
   * @param features that go with each image
   */
  public record Pictures(
      ImageCodec codec, List<String> classNames, Optional<FeatureColumn> features) {

    public Pictures {
      classNames = List.copyOf(classNames);
    }
  }

  /** Returns what settles the samples, by the names of options; precision is not among it. */
  public SortedMap<String, String> options() {
    SamplingConfig sampling = decode.sampling();
    SortedMap<String, String> options = new TreeMap<>();
    options.put("plan", decode.plan().toString());
    options.put("guidance", decode.guidance().toString());
    options.put("top-k", text(sampling.topK()));
    options.put("top-p", text(sampling.topP()));
    options.put("temperature", text(sampling.temperature()));
    options.put("greedy", String.valueOf(sampling.selection() == Selection.GREEDY));
    options.put("seed", Long.toUnsignedString(samples.seed));
    options.put("batch-size", String.valueOf(samples.batches.size()));
    options.put("images", String.valueOf(samples.count));
    options.put(samples.labels.getKey(), samples.labels.getValue());
    options.put("pixel-rounding", lower(decode.rounding()));
    options.put("image-format", lower(pictures.codec));
    options.put("class-names", pictures.classNames.isEmpty() ? "none" : digest());
    pictures.features.ifPresent(
        column -> {
          options.put("features", FeatureNetworkSource.text(column.network()));
          options.put("profile", column.profile().label());
          options.put(FEATURES_SHA256, column.network().sha256());
        });
    return options;
  }

  private String digest() {
    return Integer.toHexString(pictures.classNames.hashCode());
  }

  /** Returns the models for {@code run.json}. */
  public List<RunModel> runModels() {
    return models.all().stream()
        .map(each -> new RunModel(each.name(), each.origin(), each.bytes(), each.sha256()))
        .toList();
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static <T extends Serializable> String text(List<T> values) {
    return new PerScale<>(values).toString();
  }
}
