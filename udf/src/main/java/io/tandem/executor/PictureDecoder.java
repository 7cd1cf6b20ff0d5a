package io.tandem.executor;

import io.tandem.base.UserError;
import io.tandem.executor.PicturesSchema.Picture;
import io.tandem.image.ImageFile;
import io.tandem.image.ImageHeader;
import io.tandem.image.RgbImage;
import java.util.Optional;

/** Decodes pictures and says which of them a set cannot have. Thread-safe. */
final class PictureDecoder {

  private final FeatureSpec.Pictures wanted;

  PictureDecoder(FeatureSpec.Pictures wanted) {
    this.wanted = wanted;
  }

  /**
   * A picture in memory, or why there is none.
   *
   * @param picture the row
   * @param pixels none if it cannot be used
   * @param format of its file
   * @param error empty if there is none
   */
  record Decoded(Picture picture, Optional<RgbImage> pixels, String format, String error) {}

  /**
   * Returns a picture; one that is damaged comes without pixels.
   *
   * @throws UnusablePicturesException if it has another size or other colours than the set
   */
  Decoded decode(Picture picture) {
    if (!picture.status().equals(FeaturesSchema.OK)) {
      return new Decoded(picture, Optional.empty(), "", picture.error());
    }
    byte[] bytes = picture.bytes().orElseThrow();
    if (picture.isRaw()) {
      checkSize(picture, picture.width(), picture.height());
      if (bytes.length != 3L * picture.width() * picture.height()) {
        return unusable(
            picture,
            "Cannot read picture '%s': it has %d bytes (%d for %d x %d pixels)"
                .formatted(
                    picture.name(),
                    bytes.length,
                    3L * picture.width() * picture.height(),
                    picture.width(),
                    picture.height()));
      }
      RgbImage pixels = RgbImage.of(picture.width(), picture.height(), bytes);
      return new Decoded(picture, Optional.of(pixels), "raw", "");
    }
    try {
      ImageHeader header = ImageHeader.of(bytes, picture.name());
      if (header.width() * header.height() > RgbImage.MAX_PIXELS) {
        return unusable(
            picture,
            "Cannot read picture '%s': it has %d x %d pixels (at most %d in all)"
                .formatted(picture.name(), header.width(), header.height(), RgbImage.MAX_PIXELS));
      }
      checkSize(picture, header.width(), header.height());
      checkColours(picture, header);
      RgbImage pixels = ImageFile.decode(bytes, picture.name());
      return new Decoded(picture, Optional.of(pixels), header.format(), "");
    } catch (UserError e) {
      return unusable(picture, e.getMessage());
    }
  }

  private static Decoded unusable(Picture picture, String error) {
    return new Decoded(picture, Optional.empty(), "", error);
  }

  private void checkSize(Picture picture, long width, long height) {
    if (width != height) {
      throw new UnusablePicturesException(
          ("Cannot compute features of sample %d, '%s': it has %d x %d pixels (square: others would"
                  + " be squashed). Crop the pictures first.")
              .formatted(picture.sample(), picture.name(), width, height));
    }
    if (width != wanted.width() || height != wanted.height()) {
      throw new UnusablePicturesException(
          ("Cannot compute features of sample %d, '%s': it has %d x %d pixels, others of the set %d"
                  + " x %d (all of one size). Resize the pictures first.")
              .formatted(
                  picture.sample(),
                  picture.name(),
                  width,
                  height,
                  wanted.width(),
                  wanted.height()));
    }
  }

  private void checkColours(Picture picture, ImageHeader header) {
    if (wanted.colours() == FeatureSpec.Colours.RGB_ONLY
        && header.colours() != ImageHeader.Colours.RGB) {
      throw new UnusablePicturesException(
          ("Cannot compute features of sample %d, '%s': it is %s (8-bit RGB). Pass --convert-rgb to"
                  + " take grey as three equal channels and to drop alpha.")
              .formatted(picture.sample(), picture.name(), header.colours()));
    }
  }
}
