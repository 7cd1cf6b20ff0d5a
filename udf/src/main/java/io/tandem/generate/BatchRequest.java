package io.tandem.generate;

import io.tandem.base.Checks;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import java.util.List;

/**
 * A batch of images to make.
 *
 * @param seed seed of the run, all 64 bits count
 * @param samples the images
 * @param givenTokens token maps of the first scales that are known already, B x l ids each,
 *     row-major; empty to decode from nothing, all scales to make pixels from tokens alone
 */
public record BatchRequest(long seed, List<Sample> samples, List<long[]> givenTokens) {

  public BatchRequest {
    samples = List.copyOf(samples);
    givenTokens = List.copyOf(givenTokens);
    Checks.check(
        !samples.isEmpty(), "Cannot decode a batch of no samples (at least one is needed)");
  }

  /** Returns a request that decodes {@code samples} from nothing. */
  public static BatchRequest of(long seed, List<Sample> samples) {
    return new BatchRequest(seed, samples, List.of());
  }

  /** Returns the number of images. */
  public int images() {
    return samples.size();
  }

  /** Passes if labels and given tokens fit models of this latent space and these classes. */
  void check(LatentSpace latent, int classes) {
    for (Sample sample : samples) {
      Checks.check(
          sample.label() >= 0 && sample.label() < classes,
          "Cannot make sample %d: its label is %d (the models know classes 0 to %d)",
          sample.index(),
          sample.label(),
          classes - 1);
    }
    ScaleSchedule schedule = latent.schedule();
    Checks.check(
        givenTokens.size() <= schedule.scales(),
        "Cannot use token maps of %d scales (the models have %d)",
        givenTokens.size(),
        schedule.scales());
    for (int scale = 0; scale < givenTokens.size(); scale++) {
      long[] ids = givenTokens.get(scale);
      Checks.check(
          ids.length == images() * schedule.tokens(scale),
          "Cannot use a token map of %d ids at scale %d (%d images of %d tokens are needed)",
          ids.length,
          scale + 1,
          images(),
          schedule.tokens(scale));
      for (long id : ids) {
        Checks.check(
            id >= 0 && id < latent.vocabulary(),
            "Cannot use token %d at scale %d (the codebook has 0 to %d)",
            id,
            scale + 1,
            latent.vocabulary() - 1);
      }
    }
  }

  int[] labels() {
    return samples.stream().mapToInt(Sample::label).toArray();
  }

  long[] indexes() {
    return samples.stream().mapToLong(Sample::index).toArray();
  }
}
