package io.tandem.dataset;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.image.RgbImage;

/**
 * Makes pictures of any size square, as VAR's evaluation transform does: the shorter side is
 * resized to 1.125 times the side that is wanted (Lanczos, anti-aliased), and the middle is cut
 * out.
 *
 * @see <a href="https://github.com/FoundationVision/VAR/blob/78b9539/utils/data.py">build_dataset,
 *     the transform of the validation set; it resizes pictures of the right size too</a>
 */
public final class SquareCrop {

  /** Shorter side of the resized picture, by the side of its crop. */
  public static final double MARGIN = 1.125;

  private SquareCrop() {}

  /**
   * Returns the middle of {@code image}. A picture that has this size already is returned as it is.
   *
   * @param side width and height of the result, in pixels
   * @throws UserError if the picture is narrower or lower than {@code side}
   */
  public static RgbImage of(RgbImage image, int side) {
    return crop(image, side, "a picture");
  }

  /**
   * Returns the same; the error names the picture.
   *
   * @param name what the message calls it
   */
  public static RgbImage of(RgbImage image, int side, String name) {
    return crop(image, side, "picture '" + name + "'");
  }

  private static RgbImage crop(RgbImage image, int side, String subject) {
    if (side < 1) {
      throw new IllegalArgumentException("Cannot crop to side " + side + " (at least 1)");
    }
    check(
        image.width() >= side && image.height() >= side,
        "Cannot crop %s to %d x %d pixels: it has %d x %d (at least as many both ways)",
        subject,
        side,
        side,
        image.width(),
        image.height());
    if (image.width() == side && image.height() == side) {
      return image;
    }
    return resized(image, taps(image.width(), image, side), taps(image.height(), image, side));
  }

  /** Returns the taps for the middle of a line of {@code length} pixels. */
  private static LanczosTaps taps(int length, RgbImage image, int side) {
    int shorter = Math.min(image.width(), image.height());
    int newShorter = (int) Math.rint(MARGIN * side);
    int newLength = Math.toIntExact((long) newShorter * length / shorter);
    // Halves go to the even neighbour, as in Python.
    int from = (int) Math.rint((newLength - side) / 2.0);
    return LanczosTaps.of(length, newLength, from, side);
  }

  /** Resizes along rows, then along columns, and rounds to bytes in between, as Pillow does. */
  private static RgbImage resized(RgbImage image, LanczosTaps across, LanczosTaps down) {
    byte[] rgb = image.rgb();
    int width = across.count();
    int height = down.count();
    int top = down.start();
    byte[] narrow = new byte[3 * width * (down.end() - top)];
    for (int y = top; y < down.end(); y++) {
      for (int i = 0; i < 3 * width; i++) {
        narrow[3 * width * (y - top) + i] =
            across.sample(i / 3, rgb, 3 * image.width() * y + i % 3, 3);
      }
    }
    byte[] square = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int i = 0; i < 3 * width; i++) {
        square[3 * width * y + i] = down.sample(y, narrow, i - 3 * width * top, 3 * width);
      }
    }
    return RgbImage.of(width, height, square);
  }
}
