package io.tandem.model;

import static io.tandem.base.Checks.check;

import java.io.Serializable;
import java.util.List;

/**
 * Architecture of one multi-scale VQ-VAE, the tokeniser.
 *
 * @param baseChannels channels of the first level, a multiple of the 32 normalisation groups
 * @param multipliers channels of each level in units of {@code baseChannels}, finest level first
 * @param residualBlocks residual blocks per encoder level; the decoder has one more
 * @param vocabulary number of codes in the codebook
 * @param codeChannels channels of a code
 * @param residualConvolutions partially shared convolutions that smooth the upsampled codes
 */
public record VqConfig(
    int baseChannels,
    List<Integer> multipliers,
    int residualBlocks,
    int vocabulary,
    int codeChannels,
    int residualConvolutions)
    implements Serializable {

  /** The released tokeniser, {@code vae_ch160v4096z32.pth}. */
  public static final VqConfig RELEASED = new VqConfig(160, List.of(1, 1, 2, 2, 4), 2, 4096, 32, 4);

  public VqConfig {
    multipliers = List.copyOf(multipliers);
    check(
        baseChannels > 0 && baseChannels % 32 == 0,
        "Cannot use a tokeniser of %d base channels (a multiple of 32 is needed)",
        baseChannels);
    check(!multipliers.isEmpty(), "Cannot use a tokeniser of no levels (at least one)");
    check(residualBlocks > 0, "Cannot use %d residual blocks (at least 1)", residualBlocks);
  }

  /** Returns the number of levels. */
  public int levels() {
    return multipliers.size();
  }

  /** Returns the channels of {@code level}, 0 being the finest. */
  public int channels(int level) {
    return baseChannels * multipliers.get(level);
  }

  /** Returns how many pixels of an image one cell of the feature map spans along each axis. */
  public int pixelsPerCell() {
    return 1 << (levels() - 1);
  }
}
