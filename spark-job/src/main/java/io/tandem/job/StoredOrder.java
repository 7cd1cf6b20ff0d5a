package io.tandem.job;

import io.tandem.base.UserError;
import io.tandem.generate.DecodeConfig;
import io.tandem.image.ImageCodec;
import io.tandem.image.PixelRounding;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.plan.PerScale;
import io.tandem.run.RunManifest;
import io.tandem.sample.SamplingConfig;
import io.tandem.sample.Selection;
import io.tandem.wave.CycledLabels;
import io.tandem.wave.SampleBatches;
import io.tandem.wave.SampleLabels;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads an order back from the {@code run.json} that it was written to. */
final class StoredOrder {

  private static final String TABLE = "labels-from";
  private static final List<String> LABELS = List.of("classes", "labels", TABLE);

  private final String root;
  private final String file;
  private final Map<String, String> options;

  private StoredOrder(String root, Map<String, String> options) {
    this.root = root;
    this.file = root + "/run.json";
    this.options = options;
  }

  /**
   * Returns the order of a run.
   *
   * @param root address of the folder of the run
   * @param models those of the run, opened
   * @throws UserError if a setting is missing or makes no sense
   */
  static DataSetOrder of(String root, RunManifest manifest, ModelSources models) {
    StoredOrder stored = new StoredOrder(root, manifest.settings().options());
    return new DataSetOrder(
        models.models(),
        stored.decode(models),
        stored.samples(models.classes()),
        new DataSetOrder.Pictures(
            stored.value(ImageCodec.values(), "image-format"), List.of(), Optional.empty()));
  }

  /** Returns how the samples are labelled and grouped; {@code classes} is their number. */
  static SampleBatches batches(String root, RunManifest manifest, int classes) {
    return new StoredOrder(root, manifest.settings().options()).samples(classes).batches();
  }

  private DecodeConfig decode(ModelSources models) {
    int scales = models.latent().schedule().scales();
    return new DecodeConfig(
        DecodePlan.parse(option("plan"), models.configs().keySet(), scales),
        GuidanceSchedule.parse(option("guidance"), scales),
        new SamplingConfig(
            PerScale.integers("top-k", option("top-k"), scales).values(),
            PerScale.decimals("top-p", option("top-p"), scales).values(),
            PerScale.decimals("temperature", option("temperature"), scales).values(),
            option("greedy").equals("true") ? Selection.GREEDY : Selection.GUMBEL),
        value(PixelRounding.values(), "pixel-rounding"));
  }

  private DataSetOrder.Samples samples(int classes) {
    String kind =
        LABELS.stream()
            .filter(options::containsKey)
            .findFirst()
            .orElseThrow(() -> missing("classes"));
    String text = option(kind);
    long images = number("images", Long.MAX_VALUE);
    SampleLabels labels =
        kind.equals(TABLE)
            ? LabelFile.stored(root, digest(text), images)
            : new CycledLabels(NumberRanges.parse(kind, text, classes));
    return new DataSetOrder.Samples(
        seed(),
        new SampleBatches(labels, (int) number("batch-size", 1_000_000)),
        images,
        Map.entry(kind, text),
        Optional.empty());
  }

  private String digest(String text) {
    if (!text.matches("[0-9a-f]{64}")) {
      throw UserError.of("Cannot use '%s': its %s is '%s', no digest", file, TABLE, text);
    }
    return text;
  }

  private long seed() {
    try {
      return Long.parseUnsignedLong(option("seed"));
    } catch (NumberFormatException e) {
      throw UserError.because(e, "Cannot use '%s': its seed is no number of 64 bits", file);
    }
  }

  private long number(String option, long most) {
    String text = option(option);
    long number = text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
    if (number < 1 || number > most) {
      throw UserError.of("Cannot use '%s': its %s is '%s' (1 to %d)", file, option, text, most);
    }
    return number;
  }

  private <E extends Enum<E>> E value(E[] values, String option) {
    for (E each : values) {
      if (each.name().toLowerCase(Locale.ROOT).equals(option(option))) {
        return each;
      }
    }
    throw UserError.of("Cannot use '%s': its %s is '%s'", file, option, option(option));
  }

  private String option(String name) {
    if (!options.containsKey(name)) {
      throw missing(name);
    }
    return options.get(name);
  }

  private UserError missing(String name) {
    return UserError.of("Cannot use '%s': it has no setting '%s'", file, name);
  }
}
