package io.tandem.export;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Forms in which pictures leave. */
public enum ExportFormat {
  /** One file of two arrays, as ADM's evaluator reads it: {@link NpzPictures}. */
  NPZ,
  /** A folder of PNG files: {@link PngFolder}. */
  PNG,
  /** A folder of tar files: {@link TarShards}. */
  WEBDATASET;

  /**
   * Returns the format that the command line calls {@code name}.
   *
   * @throws UserError if there is none
   */
  public static ExportFormat named(String name) {
    for (ExportFormat each : values()) {
      if (each.toString().equals(name)) {
        return each;
      }
    }
    throw UserError.of(
        "Cannot export as '%s' (%s)",
        name,
        Arrays.stream(values()).map(ExportFormat::toString).collect(Collectors.joining(", ")));
  }

  /**
   * Returns a writer to {@code place}; the caller closes it.
   *
   * @param pictures how many there will be
   * @param shardPictures of each tar file, of which the last one may have fewer
   * @throws UserError if there is something already, or nothing can be made there
   */
  public PictureWriter open(Path place, long pictures, int shardPictures) {
    checkFree(place);
    return switch (this) {
      case NPZ -> NpzPictures.create(place, pictures);
      case PNG -> PngFolder.create(place);
      case WEBDATASET -> TarShards.create(place, shardPictures);
    };
  }

  /**
   * Passes if nothing is at {@code place}, be it a link that leads nowhere.
   *
   * @throws UserError otherwise
   */
  public static void checkFree(Path place) {
    check(
        !Files.exists(place, LinkOption.NOFOLLOW_LINKS),
        "Cannot export to '%s': it is there already. Choose another --out, or remove it.",
        place);
  }

  /** Returns the name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
