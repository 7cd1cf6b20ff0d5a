package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.executor.FeatureColumn;
import io.tandem.features.Profile;
import io.tandem.image.ImageCodec;
import io.tandem.image.PixelRounding;
import io.tandem.job.FeatureNetworkSource;
import io.tandem.job.ImagePlace;
import io.tandem.model.FeatureConfig;
import io.tandem.spark.SessionSettings;
import io.tandem.weights.ClassNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of what tables hold. */
final class TableOptions {

  private static final String PARQUET = "parquet";

  @Option(
      names = "--table",
      defaultValue = PARQUET,
      paramLabel = "FORMAT",
      description = {
        "Where images go: parquet, files in the folder of the run; delta or iceberg, a table that"
            + " --out names (default ${DEFAULT-VALUE})."
      })
  private String table;

  @Option(
      names = "--state",
      paramLabel = "PATH",
      description = {
        "Folder of the run where --out names a table: settings, records of waves, latency, lock."
      })
  private String state;

  @Option(
      names = "--image-format",
      defaultValue = "png",
      paramLabel = "FORMAT",
      description = {
        "png, jpeg (smaller, but not for FID), raw (RGB bytes) or none (tokens alone) (default"
            + " ${DEFAULT-VALUE})."
      })
  private String imageFormat;

  @Option(
      names = "--pixel-rounding",
      defaultValue = "nearest",
      paramLabel = "HOW",
      description = {
        "nearest, or truncate as the public scripts of VAR and CoDe do (default ${DEFAULT-VALUE})."
      })
  private String rounding;

  @Option(
      names = "--class-names",
      paramLabel = "FILE",
      description = {
        "Names of the classes, one in a line, in UTF-8 (default: those that the models carry)."
      })
  private Path classNames;

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
   * Returns where images go.
   *
   * @param out what the user named; null for nothing
   * @throws UserError if there can be no such place
   */
  ImagePlace place(String out, SessionSettings settings) {
    return ImagePlace.of(table, out, state, settings);
  }

  /** Returns the format of pictures. */
  ImageCodec codec() {
    return named(ImageCodec.values(), imageFormat)
        .orElseThrow(
            () ->
                UserError.of(
                    "Cannot use --image-format '%s' (png, jpeg, raw or none)", imageFormat));
  }

  /**
   * Returns the features that go with each image.
   *
   * @param side of the images in pixels
   * @throws UserError if there is no such network, or it does not take the images
   */
  Optional<FeatureColumn> features(int side) {
    if (network == null) {
      check(profile == null, "Cannot use --profile without --features, whose profile it is");
      return Optional.empty();
    }
    check(
        codec() != ImageCodec.JPEG,
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

  /** Returns how decoded values become pixels. */
  PixelRounding rounding() {
    return named(PixelRounding.values(), rounding)
        .orElseThrow(
            () -> UserError.of("Cannot use --pixel-rounding '%s' (nearest or truncate)", rounding));
  }

  /**
   * Returns the names of the classes.
   *
   * @param carried by the models, possibly none
   * @param classes how many there are
   */
  List<String> classNames(List<String> carried, int classes) {
    if (classNames == null) {
      return carried;
    }
    try {
      return ClassNames.checked(classNames.toString(), Files.readAllLines(classNames), classes);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read --class-names '%s': %s", classNames, e);
    }
  }

  private static <E extends Enum<E>> Optional<E> named(E[] values, String text) {
    return List.of(values).stream()
        .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst();
  }
}
