package io.tandem.plan;

import io.tandem.model.AdaLn;
import io.tandem.model.Precision;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;

/**
 * Numbers in the weights of a model.
 *
 * @param products those of the matrix products inside the blocks, which take the precision of a run
 * @param others all others, which stay float32
 */
record ParameterCount(long products, long others) {

  /** Counts a transformer, without the buffers of its file. D blocks, w channels. */
  static ParameterCount of(VarConfig config) {
    long width = config.width();
    long squared = width * width;
    // query, key and value 3ww, projection ww + w, feed-forward 4ww + 4w and 4ww + w
    long products = config.depth() * (12 * squared + 6 * width);
    long queryAndValueBias = (long) config.depth() * 2 * width;
    long attentionScales = (long) config.depth() * config.heads();
    long adaLn = 6 * squared + 6 * width;
    long blocks =
        config.adaLn() == AdaLn.SHARED
            ? adaLn + config.depth() * 6L * width
            : config.depth() * adaLn;
    long embeddings =
        width
            * (1
                + config.schedule().totalTokens()
                + config.schedule().scales()
                + config.classes()
                + 1
                + config.latent().channels()
                + 1);
    long head = 2 * squared + 2 * width + config.latent().vocabulary() * (width + 1);
    return new ParameterCount(
        products, queryAndValueBias + attentionScales + blocks + embeddings + head);
  }

  /** Counts what of a tokeniser makes images from tokens: the encoder is not among it. */
  static ParameterCount of(VqConfig config) {
    long codes = config.codeChannels();
    long codebook = config.vocabulary() * codes;
    long smoothing = (config.residualConvolutions() + 1) * convolution(3, codes, codes);
    return new ParameterCount(0, codebook + smoothing + imageDecoder(config));
  }

  static long imageDecoder(VqConfig config) {
    int coarsest = config.levels() - 1;
    long channels = config.channels(coarsest);
    long count =
        convolution(3, config.codeChannels(), channels)
            + 2 * residualBlock(channels, channels)
            + attention(channels);
    for (int level = coarsest; level >= 0; level--) {
      for (int i = 0; i <= config.residualBlocks(); i++) {
        count += residualBlock(channels, config.channels(level));
        channels = config.channels(level);
        count += level == coarsest ? attention(channels) : 0;
      }
      count += level > 0 ? convolution(3, channels, channels) : 0;
    }
    return count + normalization(channels) + convolution(3, channels, 3);
  }

  /** Returns the bytes of all numbers. */
  long bytes(Precision precision) {
    return products * precision.bytes() + others * Float.BYTES;
  }

  private static long residualBlock(long in, long out) {
    return normalization(in)
        + convolution(3, in, out)
        + normalization(out)
        + convolution(3, out, out)
        + (in == out ? 0 : convolution(1, in, out));
  }

  private static long attention(long channels) {
    return normalization(channels)
        + convolution(1, channels, 3 * channels)
        + convolution(1, channels, channels);
  }

  private static long normalization(long channels) {
    return 2 * channels;
  }

  private static long convolution(long kernel, long in, long out) {
    return kernel * kernel * in * out + out;
  }
}
