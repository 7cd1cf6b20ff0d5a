package io.tandem.table;

import io.tandem.base.UserError;
import io.tandem.image.ImageFile;
import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import java.util.Optional;

/**
 * A row of the table of images with its picture.
 *
 * @param sample which sample it is
 * @param runId the run that made it
 * @param seed of the run, all of whose 64 bits count
 * @param picture as it is stored
 * @param tokensSha256 digest of its tokens, if they are stored
 */
public record PictureRow(
    SampleKey sample, String runId, long seed, Stored picture, Optional<String> tokensSha256) {

  private static final String RAW = "raw";
  private static final String PNG = "png";
  private static final String JPEG = "jpeg";

  /**
   * A picture as a table stores it. The bytes are not copied: nobody changes them.
   *
   * @param format {@code png}, {@code jpeg} or {@code raw}
   * @param bytes the file, or red, green and blue of each pixel
   * @param width pixels in a row
   * @param height rows of pixels
   * @param pixelsSha256 digest of the RGB bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Stored(String format, byte[] bytes, int width, int height, String pixelsSha256) {

    /** As {@link PictureRow#pixels}, for a picture that messages call {@code name}. */
    RgbImage pixels(String name) {
      RgbImage image =
          format.equals(RAW) ? RgbImage.of(width, height, bytes) : ImageFile.decode(bytes, name);
      if (!format.equals(JPEG) && !image.sha256().equals(pixelsSha256)) {
        throw UserError.of(
            "Cannot read picture '%s': its pixels are not those of its digest. tandem verify tells"
                + " what else is damaged.",
            name);
      }
      return image;
    }
  }

  /**
   * Returns the pixels, which are those that were digested when the picture was made, unless JPEG
   * lost some of them.
   *
   * @throws UserError if the picture is damaged
   */
  public RgbImage pixels() {
    return picture.pixels("sample " + sample.sampleIndex());
  }

  /** Returns the picture as a PNG file: the stored one where that is PNG. */
  public byte[] png() {
    return picture.format.equals(PNG) ? picture.bytes : PngCodec.encode(pixels());
  }
}
