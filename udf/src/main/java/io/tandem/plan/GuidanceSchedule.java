package io.tandem.plan;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import java.io.Serializable;

/**
 * How strongly each scale is pushed away from what the model would draw without a label.
 *
 * <p>Strength grows linearly with the absolute index of the scale, whichever model decodes it:
 * {@code t = guidance * scale / (scales - 1)}, and the guided logits are {@code (1 + t) *
 * conditional - t * unconditional}. Scales outside of {@code guided} have strength 0.
 *
 * @param guidance strength at the last scale, 0 or more; 0 turns guidance off
 * @param guided scales with guidance
 * @see <a href="https://github.com/FoundationVision/VAR/blob/78b9539/models/var.py">
 *     VAR.autoregressive_infer_cfg, which guides every scale</a>
 */
public record GuidanceSchedule(double guidance, ScaleSet guided) implements Serializable {

  private static final String OFF = "off";

  public GuidanceSchedule {
    check(
        guidance >= 0 && guidance < Double.POSITIVE_INFINITY,
        "Cannot use guidance %s: it is not a number from 0 up (0 turns guidance off, 1.5 is"
            + " usual)",
        guidance);
  }

  /** Returns the schedule that guides all {@code scales} scales. */
  public static GuidanceSchedule everywhere(double guidance, int scales) {
    return new GuidanceSchedule(guidance, ScaleSet.all(scales));
  }

  /** Returns the schedule without guidance. */
  public static GuidanceSchedule off(int scales) {
    return everywhere(0, scales);
  }

  /** Returns the schedule that guides the scales that {@code text} lists, {@code 1-4,6-10}. */
  public static GuidanceSchedule parse(double guidance, String text, int scales) {
    return new GuidanceSchedule(guidance, ScaleSet.parse("guidance scales", text, scales));
  }

  /**
   * Returns the schedule that {@link #toString} writes as {@code text}.
   *
   * @throws io.tandem.base.UserError if it writes none so
   */
  public static GuidanceSchedule parse(String text, int scales) {
    if (text.equals(OFF)) {
      return off(scales);
    }
    int colon = text.indexOf(':');
    check(
        colon > 0 && text.substring(0, colon).matches("[0-9.E-]{1,24}"),
        "Cannot use guidance '%s' (such as 1.5:1-10, or %s)",
        text,
        OFF);
    try {
      return parse(Double.parseDouble(text.substring(0, colon)), text.substring(colon + 1), scales);
    } catch (NumberFormatException e) {
      throw UserError.because(e, "Cannot use guidance '%s': it begins with no number", text);
    }
  }

  /** Returns the number of scales of an image. */
  public int scales() {
    return guided.scales();
  }

  /** Returns the strength at {@code scale}, which counts from 0; always 0 at the first scale. */
  public double strength(int scale) {
    if (scale == 0 || !guided.contains(scale)) {
      return 0;
    }
    return guidance * ((double) scale / (scales() - 1));
  }

  /**
   * Says whether the batch has unconditional rows at {@code scale}.
   *
   * <p>It has them where the strength is above 0, and at the first scale if the second one is
   * guided: strength is 0 there, but the second scale reads the keys and values of these rows. From
   * a scale without them on they are out of the batch and the caches; where a later scale has them
   * again, they are prefilled with all scales before it.
   */
  public boolean needsUnconditional(int scale) {
    return strength(scale) > 0 || (scale == 0 && scales() > 1 && strength(1) > 0);
  }

  /** Returns the rows of a batch of {@code batch} images at {@code scale}. */
  public int rows(int batch, int scale) {
    return needsUnconditional(scale) ? 2 * batch : batch;
  }

  @Override
  public String toString() {
    return guidance == 0 ? OFF : guidance + ":" + guided;
  }
}
