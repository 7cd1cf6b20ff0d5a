package io.tandem.model;

import static io.tandem.base.Checks.check;

import java.io.Serializable;
import java.util.List;

/**
 * The sides of the square token maps of an image, coarse to fine.
 *
 * <p>Scales are counted from 0 here and everywhere in code; users count them from 1.
 *
 * @param sides side of each token map in tokens, growing; the last one is the side of the feature
 *     map
 */
public record ScaleSchedule(List<Integer> sides) implements Serializable {

  /** The schedule of the released 256 px models: 680 tokens. */
  public static final ScaleSchedule PIXELS_256 =
      new ScaleSchedule(List.of(1, 2, 3, 4, 5, 6, 8, 10, 13, 16));

  /** The schedule of the released 512 px model: 2,240 tokens. */
  public static final ScaleSchedule PIXELS_512 =
      new ScaleSchedule(List.of(1, 2, 3, 4, 6, 9, 13, 18, 24, 32));

  public ScaleSchedule {
    sides = List.copyOf(sides);
    check(!sides.isEmpty(), "Cannot make a scale schedule of no sides (at least one is needed)");
    check(
        sides.get(0) == 1, "Cannot make a scale schedule of %s: it must start with side 1", sides);
    for (int k = 1; k < sides.size(); k++) {
      check(
          sides.get(k) > sides.get(k - 1),
          "Cannot make a scale schedule of %s: scale %d must be larger than scale %d",
          sides,
          k + 1,
          k);
    }
  }

  /** Returns the number of scales. */
  public int scales() {
    return sides.size();
  }

  /** Returns the side of the token map of {@code scale}. */
  public int side(int scale) {
    return sides.get(scale);
  }

  /** Returns the number of tokens of {@code scale}. */
  public int tokens(int scale) {
    return sides.get(scale) * sides.get(scale);
  }

  /** Returns how many tokens the scales before {@code scale} have; {@code scales()} gives all. */
  public int offset(int scale) {
    int offset = 0;
    for (int k = 0; k < scale; k++) {
      offset += tokens(k);
    }
    return offset;
  }

  /** Returns the number of tokens of an image. */
  public int totalTokens() {
    return offset(scales());
  }

  /** Returns the side of the last token map, which is the side of the feature map. */
  public int finestSide() {
    return sides.get(sides.size() - 1);
  }

  /**
   * Returns which of {@code convolutions} partially shared residual convolutions serves {@code
   * scale}.
   *
   * <p>Each scale takes the nearest tick, the first one on a tie. Some ties are exact in the reals
   * and decided by rounding, so this follows NumPy's {@code linspace} and {@code argmin} in float64
   * step by step (FoundationVision/VAR@78b9539, models/quant.py, PhiPartiallyShared).
   */
  public int residualConvolution(int scale, int convolutions) {
    if (convolutions == 1 || scales() == 1) {
      return 0;
    }
    double position = (double) scale / (scales() - 1);
    double margin = convolutions == 4 ? 1.0 / 3 / convolutions : 1.0 / 2 / convolutions;
    double start = margin;
    double stop = 1 - margin;
    double step = (stop - start) / (convolutions - 1);
    int nearest = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < convolutions; i++) {
      double tick = i == convolutions - 1 ? stop : i * step + start;
      double distance = Math.abs(tick - position);
      if (distance < least) {
        least = distance;
        nearest = i;
      }
    }
    return nearest;
  }

  @Override
  public String toString() {
    return sides.toString();
  }
}
