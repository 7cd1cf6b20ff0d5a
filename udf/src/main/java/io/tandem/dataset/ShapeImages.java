package io.tandem.dataset;

import static io.tandem.base.Checks.check;

import io.tandem.image.RgbImage;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.List;
import java.util.Objects;

/**
 * The demo data set: ten classes of shapes, drawn anew at each call.
 *
 * <p>A picture shows one shape of random colour, size, place and rotation on a gradient of two
 * colours, anti-aliased. Its diameter is {@value ShapeScene#MIN_DIAMETER} to {@value
 * ShapeScene#MAX_DIAMETER} of the side, its centre at most {@value ShapeScene#MAX_OFFSET} of the
 * side from the middle in each direction, and its colour at least {@value
 * ShapePalette#MIN_CONTRAST} of 255 (Euclidean distance in RGB) from each colour of the gradient.
 * Fine grain lies on all pictures and hatching on the shape or the background of some.
 *
 * <p>A picture depends on the seed, the side and its index alone: not on the size of the data set,
 * the order of calls, the thread or the machine; only along the rim of a shape may JVMs of two
 * versions differ by a step or two. Classes follow one another, so that each run of ten pictures
 * has one of each.
 */
public final class ShapeImages implements LabelledImages {

  /** Least side of the pictures, in pixels. */
  public static final int MIN_SIDE = 8;

  /** Largest side of the pictures, in pixels. */
  public static final int MAX_SIDE = 1024;

  /** To be raised whenever any picture changes. */
  private static final int VERSION = 1;

  static {
    // Drawing into memory needs no display, but Java2D looks for one unless told not to, and fails
    // where DISPLAY names one that does not answer.
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
  }

  private final long seed;
  private final int side;
  private final long size;

  private ShapeImages(long seed, int side, long size) {
    this.seed = seed;
    this.side = side;
    this.size = size;
  }

  /**
   * Returns the first pictures of a seed.
   *
   * @param seed all 64 bits count; pictures of two seeds have nothing in common
   * @param side width and height in pixels, {@value #MIN_SIDE} to {@value #MAX_SIDE}
   * @param size number of pictures, at least 1; picture i is of class i mod 10
   * @throws io.tandem.base.UserError if side or size is out of range
   */
  public static ShapeImages of(long seed, int side, long size) {
    check(
        side >= MIN_SIDE && side <= MAX_SIDE,
        "Cannot draw shapes of side %d (%d to %d pixels)",
        side,
        MIN_SIDE,
        MAX_SIDE);
    check(size > 0, "Cannot draw a data set of %d shapes (at least 1)", size);
    return new ShapeImages(seed, side, size);
  }

  @Override
  public List<String> classNames() {
    return ShapeClass.ALL.stream().map(ShapeClass::name).toList();
  }

  @Override
  public int side() {
    return side;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int classId(long index) {
    return (int) (Objects.checkIndex(index, size) % ShapeClass.ALL.size());
  }

  @Override
  public RgbImage image(long index) {
    ShapeClass shape = ShapeClass.ALL.get(classId(index));
    SplitMix64 random = SplitMix64.of(seed, index);
    ShapeScene scene = ShapeScene.drawn(random);
    float[] grain = Grain.drawn(random, side);
    return painted(scene, cover(shape, scene), grain);
  }

  @Override
  public String identity() {
    return "shapes version "
        + VERSION
        + ", seed "
        + seed
        + ", side "
        + side
        + ", "
        + size
        + " pictures";
  }

  /** Returns the scene of a picture, for tests of what is promised about it. */
  static ShapeScene scene(long seed, long index) {
    return ShapeScene.drawn(SplitMix64.of(seed, index));
  }

  /** Returns in the lowest byte of each pixel how much of it the shape covers: [side, side]. */
  int[] cover(ShapeClass shape, ShapeScene scene) {
    BufferedImage mask = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = mask.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      graphics.setColor(Color.WHITE);
      graphics.scale(side, side);
      graphics.transform(scene.placement());
      graphics.fill(shape.outline());
    } finally {
      graphics.dispose();
    }
    return ((DataBufferInt) mask.getRaster().getDataBuffer()).getData();
  }

  private RgbImage painted(ShapeScene scene, int[] cover, float[] grain) {
    double cos = StrictMath.cos(scene.gradientAngle());
    double sin = StrictMath.sin(scene.gradientAngle());
    // From corner to corner along its direction the gradient goes from 0 to 1.
    double span = side * (Math.abs(cos) + Math.abs(sin));
    byte[] rgb = new byte[3 * side * side];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int at = y * side + x;
        double share = (cover[at] & 0xff) / 255.0;
        double texture = grain[at] + scene.hatching().at(x, y, share);
        double place = 0.5 + ((x + 0.5 - side / 2.0) * cos + (y + 0.5 - side / 2.0) * sin) / span;
        for (int channel = 0; channel < 3; channel++) {
          double ground = scene.palette().background(channel, place);
          double shape = ShapePalette.channel(scene.palette().shape(), channel);
          rgb[3 * at + channel] = step(ground + share * (shape - ground) + texture);
        }
      }
    }
    return RgbImage.of(side, side, rgb);
  }

  private static byte step(double value) {
    return (byte) Math.max(0, Math.min(255, (int) (value + 0.5)));
  }
}
