package io.tandem.model;

/** Where a transformer gets the scale, shift and gate of its blocks from. */
public enum AdaLn {
  /** Each block has a linear layer of its own on the class embedding. */
  PER_BLOCK,
  /** One linear layer serves all blocks, each of which adds a learned offset. */
  SHARED
}
