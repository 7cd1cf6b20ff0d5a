package io.tandem.image;

/** Makes pictures small enough to look at many. */
public final class Thumbnails {

  private Thumbnails() {}

  /**
   * Returns {@code image} with neither side longer than {@code mostPixels}: a pixel is the mean of
   * the square of pixels that it stands for. A picture that is small enough is returned as it is;
   * rows and columns that fill no square are left out.
   *
   * @param mostPixels at least 1
   */
  public static RgbImage of(RgbImage image, int mostPixels) {
    if (mostPixels < 1) {
      throw new IllegalArgumentException("Cannot make pictures of " + mostPixels + " pixels");
    }
    int longer = Math.max(image.width(), image.height());
    int square = (longer + mostPixels - 1) / mostPixels;
    if (square == 1) {
      return image;
    }
    int width = Math.max(1, image.width() / square);
    int height = Math.max(1, image.height() / square);
    byte[] rgb = image.rgb();
    byte[] small = new byte[3 * width * height];
    for (int i = 0; i < small.length; i++) {
      int left = i / 3 % width * square;
      int top = i / 3 / width * square;
      int right = Math.min(left + square, image.width());
      int bottom = Math.min(top + square, image.height());
      int sum = 0;
      for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++) {
          sum += Byte.toUnsignedInt(rgb[3 * (y * image.width() + x) + i % 3]);
        }
      }
      int pixels = (right - left) * (bottom - top);
      small[i] = (byte) ((sum + pixels / 2) / pixels);
    }
    return RgbImage.owning(width, height, small);
  }
}
