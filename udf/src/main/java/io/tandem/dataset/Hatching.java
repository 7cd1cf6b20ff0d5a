package io.tandem.dataset;

/**
 * Thin parallel lines over a part of a picture.
 *
 * @param ground what they cover
 * @param stepX periods that pass from one pixel to its right neighbour
 * @param stepY periods that pass from one pixel to the one below
 * @param amplitude what they add and take away at most, in steps of 255
 */
record Hatching(Ground ground, double stepX, double stepY, double amplitude) {

  /** The part of a picture that is hatched. */
  enum Ground {
    SHAPE,
    BACKGROUND,
    NONE
  }

  static final double MAX_AMPLITUDE = 14;

  static Hatching drawn(SplitMix64 random) {
    double choice = random.uniform(0, 1);
    // The background is the larger part: lines there come less often and are fainter.
    Ground ground = choice < 0.35 ? Ground.SHAPE : choice < 0.6 ? Ground.BACKGROUND : Ground.NONE;
    double angle = random.uniform(0, Math.PI);
    double period = random.uniform(3, 4);
    double amplitude = random.uniform(9, MAX_AMPLITUDE);
    return new Hatching(
        ground,
        StrictMath.cos(angle) / period,
        StrictMath.sin(angle) / period,
        ground == Ground.BACKGROUND ? 0.7 * amplitude : amplitude);
  }

  /** Returns what the lines add to the pixel, whose share {@code cover} belongs to the shape. */
  double at(int x, int y, double cover) {
    if (ground == Ground.NONE) {
      return 0;
    }
    double periods = x * stepX + y * stepY;
    double wave = 4 * Math.abs(periods - Math.floor(periods) - 0.5) - 1;
    return amplitude * wave * (ground == Ground.SHAPE ? cover : 1 - cover);
  }
}
