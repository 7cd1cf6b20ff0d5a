package io.tandem.dataset;

import java.awt.Color;

/**
 * The colours of one picture: a bright shape on a deeper gradient.
 *
 * <p>Colours are {@code 0xRRGGBB}.
 *
 * @param shape colour of the shape
 * @param from colour at which the gradient of the background starts
 * @param to colour at which it ends
 */
record ShapePalette(int shape, int from, int to) {

  /**
   * The least Euclidean distance in RGB, in steps of 255, between the shape and any colour of its
   * background. Texture, which comes on top, is not counted.
   */
  static final double MIN_CONTRAST = 130;

  /** Returns colours that have {@link #MIN_CONTRAST}. */
  static ShapePalette drawn(SplitMix64 random) {
    // Teal to crimson: deep yellows and greens look muddy.
    int from =
        colour(random.uniform(0.47, 0.97), random.uniform(0.6, 0.9), random.uniform(0.45, 0.75));
    int to =
        colour(random.uniform(0.47, 0.97), random.uniform(0.6, 0.9), random.uniform(0.2, 0.45));
    ShapePalette palette;
    do {
      int shape = colour(random.uniform(0, 1), random.uniform(0.3, 0.85), random.uniform(0.92, 1));
      palette = new ShapePalette(shape, from, to);
    } while (palette.contrast() < MIN_CONTRAST);
    return palette;
  }

  /** Returns the distance of the shape's colour from the nearest one of the gradient. */
  double contrast() {
    double along = 0;
    double length = 0;
    for (int channel = 0; channel < 3; channel++) {
      double step = channel(to, channel) - channel(from, channel);
      along += step * (channel(shape, channel) - channel(from, channel));
      length += step * step;
    }
    double nearest = length == 0 ? 0 : Math.max(0, Math.min(1, along / length));
    double sum = 0;
    for (int channel = 0; channel < 3; channel++) {
      double distance = channel(shape, channel) - background(channel, nearest);
      sum += distance * distance;
    }
    return Math.sqrt(sum);
  }

  /** Returns a channel of the gradient at {@code place}, from 0 at its start to 1 at its end. */
  double background(int channel, double place) {
    return channel(from, channel) + place * (channel(to, channel) - channel(from, channel));
  }

  /** Returns red, green or blue of a colour, 0 to 255. */
  static int channel(int colour, int channel) {
    return colour >> (16 - 8 * channel) & 0xff;
  }

  private static int colour(double hue, double saturation, double brightness) {
    return Color.HSBtoRGB((float) hue, (float) saturation, (float) brightness) & 0xffffff;
  }
}
