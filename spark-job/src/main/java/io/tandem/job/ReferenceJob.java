package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import io.tandem.executor.FeatureSpec;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.GaussianStatistics;
import io.tandem.fid.Reference;
import io.tandem.fid.ReferenceFile;
import io.tandem.table.FeatureStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Computes statistics of real images, and keeps features of some of them. */
public final class ReferenceJob {

  private final String images;
  private final Path out;
  private final FeatureRequest request;
  private final GenerateJob.Software software;
  private final Consumer<String> messages;

  /**
   * Prepares a job, which runs once.
   *
   * @param images run, table, folder or file
   * @param out the {@code .npz} file
   * @param messages takes lines on how it goes
   */
  public ReferenceJob(
      String images,
      Path out,
      FeatureRequest request,
      GenerateJob.Software software,
      Consumer<String> messages) {
    this.images = images;
    this.out = out;
    this.request = request;
    this.software = software;
    this.messages = messages;
  }

  /**
   * What was made.
   *
   * @param out the file
   * @param samples behind the statistics
   * @param sampled samples whose features are kept
   * @param identity what it says of itself
   */
  public record Result(Path out, long samples, long sampled, String identity) {}

  /**
   * Makes the reference.
   *
   * @throws UserError if the images cannot be used, or the file cannot be made
   */
  public Result run() {
    FeatureNetworkSource network = FeatureNetworkSource.open(request.network(), request.profile());
    try {
      StagedFile.beside(out).close();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write '%s': %s", out, e);
    }
    FeatureSpec.Taps taps = FeatureSpec.Taps.of(request.profile());
    try (FeatureStage stage = FeatureStage.start(request, network, taps, messages)) {
      FeatureTable table = stage.features(images).table();
      check(
          table.samples() >= 2,
          "Cannot compute statistics of '%s': it has %d usable images (at least 2)",
          images,
          table.samples());
      TaskFailures.explained(
          () -> table.store().sum(table.found(), table.facts(), Optional.empty()));
      FeatureSet sample = table.sample(EvaluateJob.MOST_REAL);
      String identity = network.identity().text(description(table));
      Reference reference =
          new Reference(
              statistics(table, FeatureStore.Tap.FEATURES),
              taps == FeatureSpec.Taps.FEATURES
                  ? Optional.empty()
                  : Optional.of(statistics(table, FeatureStore.Tap.SPATIAL)),
              Optional.of(sample),
              Optional.of(identity));
      ReferenceFile.write(out, reference, Optional.empty());
      return new Result(out, table.samples(), sample.size(), identity);
    }
  }

  private Map<String, String> description(FeatureTable table) {
    Map<String, String> more = new LinkedHashMap<>();
    more.put("images", images);
    more.put("samples", "" + table.samples());
    more.put("size", String.join(", ", table.sizes().keySet()));
    more.put("images_sha256", table.sha256());
    more.put("tandem", software.tandem());
    return more;
  }

  private static GaussianStatistics statistics(FeatureTable table, FeatureStore.Tap tap) {
    return FeatureStore.total(table.store().moments(table.found(), table.facts(), tap))
        .statistics();
  }
}
