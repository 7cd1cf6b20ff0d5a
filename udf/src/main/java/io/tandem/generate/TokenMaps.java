package io.tandem.generate;

import static io.tandem.base.Checks.check;

import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import java.util.List;

/** Checks token maps that come from outside. */
final class TokenMaps {

  private TokenMaps() {}

  /**
   * Passes if {@code maps} are token maps of all scales of this latent space.
   *
   * @param what cannot be done without them, to begin the message with: {@code make images}
   * @throws io.tandem.base.UserError as {@link #checkFirst} does, or if some are missing
   */
  static void checkAll(String what, List<long[]> maps, int images, LatentSpace latent) {
    check(
        maps.size() == latent.schedule().scales(),
        "Cannot %s from token maps of %d scales (all %d are needed)",
        what,
        maps.size(),
        latent.schedule().scales());
    checkFirst(maps, images, latent);
  }

  /**
   * Passes if {@code maps} are token maps of the first scales of this latent space.
   *
   * @param images number of images, B
   * @param maps by scale, B x l ids each
   * @throws io.tandem.base.UserError if there are too many, or an id or their number is wrong
   */
  static void checkFirst(List<long[]> maps, int images, LatentSpace latent) {
    ScaleSchedule schedule = latent.schedule();
    check(
        maps.size() <= schedule.scales(),
        "Cannot use token maps of %d scales (the models have %d)",
        maps.size(),
        schedule.scales());
    for (int scale = 0; scale < maps.size(); scale++) {
      long[] ids = maps.get(scale);
      check(
          ids.length == images * schedule.tokens(scale),
          "Cannot use a token map of %d ids at scale %d (%d images of %d tokens are needed)",
          ids.length,
          scale + 1,
          images,
          schedule.tokens(scale));
      for (long id : ids) {
        check(
            id >= 0 && id < latent.vocabulary(),
            "Cannot use token %d at scale %d (the codebook has 0 to %d)",
            id,
            scale + 1,
            latent.vocabulary() - 1);
      }
    }
  }
}
