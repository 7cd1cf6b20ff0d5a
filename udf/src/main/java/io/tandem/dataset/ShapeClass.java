package io.tandem.dataset;

import java.awt.Shape;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.List;

/**
 * One class of shapes.
 *
 * @param name what it is called
 * @param outline its outline in the circle of radius 1 around the origin (corners of the stripes
 *     lie just outside); not to be changed
 */
record ShapeClass(String name, Shape outline) {

  /** The ten classes, in the order of their ids. */
  static final List<ShapeClass> ALL =
      List.of(
          new ShapeClass("disc", disc(0, 0, 0.9)),
          new ShapeClass("square", polygon(4, 1, 1)),
          new ShapeClass("triangle", polygon(3, 1, 1)),
          new ShapeClass("star", polygon(10, 1, 0.42)),
          new ShapeClass("ring", ring()),
          new ShapeClass("cross", cross()),
          new ShapeClass("hexagon", polygon(6, 1, 1)),
          new ShapeClass("crescent", crescent()),
          new ShapeClass("stripes", stripes()),
          new ShapeClass("clover", clover()));

  ShapeClass {
    outline = new Path2D.Double(outline);
  }

  private static Shape disc(double x, double y, double radius) {
    return new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
  }

  /** Returns the polygon whose corners lie on two circles in turn, evenly spread. */
  private static Shape polygon(int corners, double evenRadius, double oddRadius) {
    Path2D path = new Path2D.Double();
    for (int corner = 0; corner < corners; corner++) {
      double radius = corner % 2 == 0 ? evenRadius : oddRadius;
      double x = radius * StrictMath.cos(2 * Math.PI * corner / corners);
      double y = radius * StrictMath.sin(2 * Math.PI * corner / corners);
      if (corner == 0) {
        path.moveTo(x, y);
      } else {
        path.lineTo(x, y);
      }
    }
    path.closePath();
    return path;
  }

  private static Shape ring() {
    Area ring = new Area(disc(0, 0, 0.95));
    ring.subtract(new Area(disc(0, 0, 0.55)));
    return ring;
  }

  private static Shape cross() {
    double half = 0.29;
    Area cross = new Area(new Rectangle2D.Double(-0.95, -half, 1.9, 2 * half));
    cross.add(new Area(new Rectangle2D.Double(-half, -0.95, 2 * half, 1.9)));
    return cross;
  }

  /** A disc without a part that reaches beyond its rim, so that it is open to one side. */
  private static Shape crescent() {
    Area crescent = new Area(disc(0, 0, 1));
    crescent.subtract(new Area(disc(0.45, 0, 0.8)));
    return crescent;
  }

  /** A square patch of three thick bars. */
  private static Shape stripes() {
    double half = 0.75;
    double width = 0.34;
    double pitch = half - width / 2;
    Path2D path = new Path2D.Double();
    for (int bar = 0; bar < 3; bar++) {
      path.append(new Rectangle2D.Double(-half, -half + bar * pitch, 2 * half, width), false);
    }
    return path;
  }

  /** Three lobes, with the hole between them filled. */
  private static Shape clover() {
    Area clover = new Area(disc(0, 0, 0.3));
    for (int lobe = 0; lobe < 3; lobe++) {
      double angle = 2 * Math.PI * lobe / 3;
      clover.add(new Area(disc(0.53 * StrictMath.cos(angle), 0.53 * StrictMath.sin(angle), 0.45)));
    }
    return clover;
  }
}
