package io.tandem.cli;

import io.tandem.base.UserError;
import io.tandem.image.ImageCodec;
import io.tandem.image.PixelRounding;
import io.tandem.weights.ClassNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of what tables hold of a picture. */
final class PictureOptions {

  @Option(
      names = "--image-format",
      defaultValue = "png",
      paramLabel = "FORMAT",
      description = {
        "png, jpeg (smaller, but not for FID), raw (RGB bytes) or none (tokens alone) (default"
            + " ${DEFAULT-VALUE})."
      })
  private String imageFormat;

  @Mixin private RoundingOption rounding;

  @Option(
      names = "--class-names",
      paramLabel = "FILE",
      description = {
        "Names of the classes, one in a line, in UTF-8 (default: those that the models carry)."
      })
  private Path classNames;

  /** Returns the format of pictures. */
  ImageCodec codec() {
    for (ImageCodec each : ImageCodec.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(imageFormat)) {
        return each;
      }
    }
    throw UserError.of("Cannot use --image-format '%s' (png, jpeg, raw or none)", imageFormat);
  }

  /** Returns how decoded values become pixels. */
  PixelRounding rounding() {
    return rounding.value();
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
}
