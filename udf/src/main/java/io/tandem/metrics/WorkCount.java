package io.tandem.metrics;

import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;

/**
 * Floating-point operations of the plain algorithm without waste, a multiplication and an addition
 * being two.
 *
 * <p>Matrix products, convolutions and attention count; what is linear in the activations does not.
 * The count is that of the textbook form, so that implementations which save some of it gain a
 * share of the machine's rate: convolutions on upsampled maps are counted on the large map, AdaLN
 * once per row. D blocks, w channels, l tokens of a scale, c tokens up to and including it.
 *
 * @see <a href="https://arxiv.org/abs/2404.02905">Visual Autoregressive Modeling</a>
 */
public final class WorkCount {

  private WorkCount() {}

  /**
   * Returns the work of decoding {@code scale}, keys and values of all earlier scales being cached.
   *
   * @param rows rows of the batch: its images, twice if there are unconditional rows
   */
  public static long step(VarConfig config, int scale, int rows) {
    long tokens = config.schedule().tokens(scale);
    long head = 2L * config.latent().vocabulary() * config.width();
    return rows * (config.depth() * block(config, scale) + tokens * (wordEmbedding(config) + head));
  }

  /**
   * Returns the work of catching up on scales [{@code firstMissed}, {@code scale}): no head, and in
   * the last block keys and values only.
   */
  public static long prefill(VarConfig config, int firstMissed, int scale, int rows) {
    long work = 0;
    for (int missed = firstMissed; missed < scale; missed++) {
      long tokens = config.schedule().tokens(missed);
      long keysAndValues = 4 * square(config.width());
      work +=
          (config.depth() - 1) * block(config, missed)
              + tokens * (wordEmbedding(config) + keysAndValues);
    }
    return rows * work;
  }

  /** Returns the work of scale, shift and gate of all blocks and of the head, once per image. */
  public static long adaLn(VarConfig config, int rows) {
    long squared = square(config.width());
    long blocks =
        switch (config.adaLn()) {
          case PER_BLOCK -> config.depth() * 12L * squared;
          case SHARED -> 12 * squared;
        };
    return rows * (blocks + 4 * squared);
  }

  /** Query, key and value 6ww, projection 2ww, feed-forward 16ww per token; attention 4wlc. */
  private static long block(VarConfig config, int scale) {
    ScaleSchedule schedule = config.schedule();
    long tokens = schedule.tokens(scale);
    return tokens * 24 * square(config.width())
        + 4L * config.width() * tokens * schedule.offset(scale + 1);
  }

  private static long wordEmbedding(VarConfig config) {
    return 2L * config.latent().channels() * config.width();
  }

  /**
   * Returns the work of turning one feature map into an image.
   *
   * @param side side of the feature map
   */
  public static long imageDecoder(VqConfig config, int side) {
    int coarsest = config.levels() - 1;
    int channels = config.channels(coarsest);
    long work =
        convolution(3, config.codeChannels(), config.codeChannels(), side)
            + convolution(3, config.codeChannels(), channels, side)
            + 2 * residualBlock(channels, channels, side)
            + attention(channels, side);
    int size = side;
    for (int level = coarsest; level >= 0; level--) {
      for (int i = 0; i <= config.residualBlocks(); i++) {
        work += residualBlock(channels, config.channels(level), size);
        channels = config.channels(level);
        work += level == coarsest ? attention(channels, size) : 0;
      }
      if (level > 0) {
        size *= 2;
        work += convolution(3, channels, channels, size);
      }
    }
    return work + convolution(3, channels, 3, size);
  }

  private static long residualBlock(int in, int out, int size) {
    return convolution(3, in, out, size)
        + convolution(3, out, out, size)
        + (in == out ? 0 : convolution(1, in, out, size));
  }

  private static long attention(int channels, int size) {
    return convolution(1, channels, 3 * channels, size)
        + convolution(1, channels, channels, size)
        + 4L * channels * square(square(size));
  }

  private static long convolution(int kernel, int in, int out, int size) {
    return 2 * square(kernel) * in * out * square(size);
  }

  private static long square(long number) {
    return number * number;
  }
}
