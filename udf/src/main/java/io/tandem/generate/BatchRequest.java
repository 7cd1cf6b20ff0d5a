package io.tandem.generate;

import io.tandem.base.Checks;
import io.tandem.model.LatentSpace;
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

  /**
   * Passes if labels and given tokens fit models of this latent space and these classes.
   *
   * @throws io.tandem.base.UserError that names the label or token that does not
   */
  public void check(LatentSpace latent, int classes) {
    for (Sample sample : samples) {
      Checks.check(
          sample.label() >= 0 && sample.label() < classes,
          "Cannot make sample %d: its label is %d (the models know classes 0 to %d)",
          sample.index(),
          sample.label(),
          classes - 1);
    }
    TokenMaps.checkFirst(givenTokens, images(), latent);
  }

  int[] labels() {
    return samples.stream().mapToInt(Sample::label).toArray();
  }

  long[] indexes() {
    return samples.stream().mapToLong(Sample::index).toArray();
  }
}
