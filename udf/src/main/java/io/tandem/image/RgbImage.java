package io.tandem.image;

import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** A picture of 8-bit RGB pixels. Immutable. */
public final class RgbImage {

  /** Pixels that a picture may have at most, so that no file can ask for all of the memory. */
  public static final int MAX_PIXELS = 1 << 26;

  private final int width;
  private final int height;
  private final byte[] rgb;

  private RgbImage(int width, int height, byte[] rgb) {
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  /**
   * Returns a picture of a copy of {@code rgb}.
   *
   * @param rgb red, green and blue of each pixel, row by row from the top left: {@code 3 * width *
   *     height} bytes
   */
  public static RgbImage of(int width, int height, byte[] rgb) {
    return owning(width, height, rgb.clone());
  }

  /** Returns a picture of {@code rgb} itself, which must not be changed afterwards. */
  static RgbImage owning(int width, int height, byte[] rgb) {
    checkSize(width, height);
    if (rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "Cannot make a picture of %d x %d pixels from %d bytes (%d are needed)"
              .formatted(width, height, rgb.length, 3L * width * height));
    }
    return new RgbImage(width, height, rgb);
  }

  /**
   * Returns the picture whose red, green and blue planes come next in {@code planes}, and moves the
   * buffer past them.
   *
   * @param planes float32 [3, height, width], each in [0, 1]; what is outside is clamped
   */
  public static RgbImage ofPlanes(
      FloatBuffer planes, int width, int height, PixelRounding rounding) {
    checkSize(width, height);
    int pixels = width * height;
    byte[] rgb = new byte[3 * pixels];
    for (int channel = 0; channel < 3; channel++) {
      for (int pixel = 0; pixel < pixels; pixel++) {
        rgb[3 * pixel + channel] = rounding.of(planes.get());
      }
    }
    return owning(width, height, rgb);
  }

  private static void checkSize(int width, int height) {
    if (width < 1 || height < 1 || (long) width * height > MAX_PIXELS) {
      throw UserError.of(
          "Cannot make a picture of %d x %d pixels (1 to %d in all)", width, height, MAX_PIXELS);
    }
  }

  /** Returns the pixels in a row. */
  public int width() {
    return width;
  }

  /** Returns the number of rows. */
  public int height() {
    return height;
  }

  /** Returns a copy of the pixels: red, green, blue, row by row from the top left. */
  public byte[] rgb() {
    return rgb.clone();
  }

  /** Returns the pixels as planes of values in [0, 1]: float32 [3, height, width]. */
  public float[] toPlanes() {
    int pixels = width * height;
    float[] planes = new float[3 * pixels];
    for (int i = 0; i < rgb.length; i++) {
      planes[i % 3 * pixels + i / 3] = Byte.toUnsignedInt(rgb[i]) / 255f;
    }
    return planes;
  }

  /** Returns the SHA-256 digest of the pixel bytes in lower-case hexadecimal digits. */
  public String sha256() {
    return Sha256.of(rgb);
  }

  /** Copies row {@code y} to {@code target}, from {@code offset} on. */
  void copyRow(int y, byte[] target, int offset) {
    System.arraycopy(rgb, 3 * width * y, target, offset, 3 * width);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RgbImage image
        && width == image.width
        && height == image.height
        && Arrays.equals(rgb, image.rgb);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return width + " x " + height + " pixels";
  }
}
