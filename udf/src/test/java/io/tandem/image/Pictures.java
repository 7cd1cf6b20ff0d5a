package io.tandem.image;

import java.util.Random;

/** Pictures for tests. */
final class Pictures {

  private Pictures() {}

  static RgbImage noise(int width, int height, long seed) {
    byte[] rgb = new byte[3 * width * height];
    new Random(seed).nextBytes(rgb);
    return RgbImage.of(width, height, rgb);
  }

  /** Smooth in both directions, with an edge, so that all filters are chosen somewhere. */
  static RgbImage smooth(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = 3 * (y * width + x);
        rgb[at] = (byte) (127 + 120 * Math.sin(x / 17.0 + y / 23.0));
        rgb[at + 1] = (byte) (x > y ? 200 : x * y / 31);
        rgb[at + 2] = (byte) (y * 255 / height);
      }
    }
    return RgbImage.of(width, height, rgb);
  }
}
