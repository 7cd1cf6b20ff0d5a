package io.tandem.kernel;

/** How the layers of a {@link VaeNetwork} are computed. The results agree up to rounding. */
public enum Arithmetic {
  /** As they are defined. */
  PLAIN,
  /**
   * With fewer products, in bands of rows that stay in the cache, where the network runs on a
   * processor; plain elsewhere.
   */
  FAST
}
