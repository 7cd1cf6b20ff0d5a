package io.tandem.metrics;

/** What a latency is the latency of. */
public enum Stage {
  /** Catching up on the scales that the model of a scale has not seen. */
  PREFILL,
  /** The transformer step of a scale, up to its guided logits. */
  DECODE,
  /** Drawing the tokens of a scale. */
  SAMPLE,
  /** From feature maps to pixels, for the batch. */
  VAE,
  /** From pixels to image files, for the batch. */
  ENCODE
}
