package io.tandem.dataset;

import java.awt.geom.AffineTransform;

/**
 * All that is drawn by lot for one picture but its grain.
 *
 * @param placement takes the outline of radius 1 to the frame from (0, 0) to (1, 1)
 * @param palette its colours
 * @param gradientAngle direction of the gradient, in radians
 * @param hatching its lines
 */
record ShapeScene(
    AffineTransform placement, ShapePalette palette, double gradientAngle, Hatching hatching) {

  /** Least diameter of a shape, by the side of its picture. */
  static final double MIN_DIAMETER = 0.55;

  /** Largest diameter of a shape, by the side of its picture. */
  static final double MAX_DIAMETER = 0.75;

  /** How far the centre of a shape may lie from the middle in each direction, by the side. */
  static final double MAX_OFFSET = 0.1;

  /** Returns the scene that comes next in {@code random}. */
  static ShapeScene drawn(SplitMix64 random) {
    double radius = random.uniform(MIN_DIAMETER, MAX_DIAMETER) / 2;
    double x = 0.5 + random.uniform(-MAX_OFFSET, MAX_OFFSET);
    double y = 0.5 + random.uniform(-MAX_OFFSET, MAX_OFFSET);
    double angle = random.uniform(0, 2 * Math.PI);
    // Sines of StrictMath are the same on every machine; those of AffineTransform need not be.
    double cos = radius * StrictMath.cos(angle);
    double sin = radius * StrictMath.sin(angle);
    return new ShapeScene(
        new AffineTransform(cos, sin, -sin, cos, x, y),
        ShapePalette.drawn(random),
        random.uniform(0, 2 * Math.PI),
        Hatching.drawn(random));
  }
}
