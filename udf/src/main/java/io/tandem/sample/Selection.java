package io.tandem.sample;

/** How one token is chosen among those that the filters keep. */
public enum Selection {
  /** At random, each token with its probability, by the largest logit plus Gumbel noise. */
  GUMBEL,
  /** The most likely token. */
  GREEDY
}
