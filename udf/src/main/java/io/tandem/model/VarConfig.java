package io.tandem.model;

import static io.tandem.base.Checks.check;

import java.io.Serializable;

/**
 * Architecture of one VAR transformer.
 *
 * @param depth number of blocks; the released checkpoints have 16, 20, 24, 30 or 36
 * @param width channels per token
 * @param heads attention heads, each {@code width / heads} channels wide
 * @param classes class labels, without the extra one that means "no class"
 * @param adaLn where the blocks get scale, shift and gate from
 * @param latent vocabulary, code channels and scales
 */
public record VarConfig(
    int depth, int width, int heads, int classes, AdaLn adaLn, LatentSpace latent)
    implements Serializable {

  public VarConfig {
    check(depth > 0, "Cannot use a transformer of depth %d (at least 1)", depth);
    check(classes > 0, "Cannot use a transformer of %d classes (at least 1)", classes);
    check(
        width > 0 && heads > 0 && width % heads == 0,
        "Cannot split width %d over %d heads (a positive multiple is needed)",
        width,
        heads);
  }

  /** Returns the architecture of a released checkpoint; depth 36 is the 512 px model. */
  public static VarConfig ofDepth(int depth) {
    boolean large = depth == 36;
    ScaleSchedule schedule = large ? ScaleSchedule.PIXELS_512 : ScaleSchedule.PIXELS_256;
    return new VarConfig(
        depth,
        64 * depth,
        depth,
        1000,
        large ? AdaLn.SHARED : AdaLn.PER_BLOCK,
        new LatentSpace(4096, 32, schedule));
  }

  /** Returns the channels of one attention head. */
  public int headWidth() {
    return width / heads;
  }

  /** Returns the sides of the token maps. */
  public ScaleSchedule schedule() {
    return latent.schedule();
  }

  /** Returns the row of the class embedding that means "no class". */
  public int unconditionalLabel() {
    return classes;
  }
}
