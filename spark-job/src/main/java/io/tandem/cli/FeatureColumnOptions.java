package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.executor.FeatureColumn;
import io.tandem.features.Profile;
import io.tandem.image.ImageCodec;
import io.tandem.job.FeatureNetworkSource;
import io.tandem.model.FeatureConfig;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of the features that are kept beside each image. */
final class FeatureColumnOptions {

  @Option(
      names = "--features",
      paramLabel = "NETWORK",
      description = {
        "Keep the features of each image in the table, so that tandem evaluate need not decode it:"
            + " inception:FILE or demo, as there."
      })
  private String network;

  @Option(
      names = "--profile",
      paramLabel = "P",
      description = {
        "Whose resizing and scaling the features follow (default: demo with --features demo, else"
            + " adm)."
      })
  private String profile;

  /**
   * Returns the features that go with each image.
   *
   * @param codec of the images
   * @param side of the images in pixels
   * @throws UserError if there is no such network, or it does not take the images
   */
  Optional<FeatureColumn> column(ImageCodec codec, int side) {
    if (network == null) {
      check(profile == null, "Cannot use --profile without --features, whose profile it is");
      return Optional.empty();
    }
    check(
        codec != ImageCodec.JPEG,
        "Cannot keep features of JPEG files: those of the pixels before are not theirs (--features"
            + " goes with png, raw or none)");
    Profile wanted = FeatureOptions.profile(network, profile);
    check(
        wanted != Profile.DEMO || side % FeatureConfig.PIXEL_MULTIPLE == 0,
        "Cannot keep features of images of side %d by profile demo (a multiple of %d). Pass"
            + " --features inception:FILE.",
        side,
        FeatureConfig.PIXEL_MULTIPLE);
    FeatureNetworkSource source = FeatureNetworkSource.open(network, wanted);
    return Optional.of(new FeatureColumn(source.named(), wanted));
  }
}
