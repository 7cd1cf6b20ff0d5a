package io.tandem.train;

import io.tandem.dataset.LabelledImages;

/** Pictures as the networks take them: red, green and blue planes of each picture, one by one. */
final class PixelPlanes {

  private PixelPlanes() {}

  /**
   * Returns pictures of a data set.
   *
   * @param low what black becomes
   * @param high what full colour becomes
   */
  static float[] of(LabelledImages images, long[] indexes, float low, float high) {
    int pixels = images.side() * images.side();
    float[] planes = new float[Math.multiplyExact(3 * pixels, indexes.length)];
    float step = (high - low) / 255;
    for (int image = 0; image < indexes.length; image++) {
      byte[] rgb = images.image(indexes[image]).rgb();
      int offset = image * 3 * pixels;
      for (int pixel = 0; pixel < pixels; pixel++) {
        for (int channel = 0; channel < 3; channel++) {
          planes[offset + channel * pixels + pixel] =
              low + step * (rgb[3 * pixel + channel] & 0xff);
        }
      }
    }
    return planes;
  }

  /** Returns the class of each picture. */
  static long[] classes(LabelledImages images, long[] indexes) {
    long[] classes = new long[indexes.length];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = images.classId(indexes[i]);
    }
    return classes;
  }
}
