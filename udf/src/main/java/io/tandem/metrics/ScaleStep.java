package io.tandem.metrics;

import java.io.Serializable;

/**
 * What is done at one scale of a batch.
 *
 * @param scale scale, counted from 0
 * @param side side of its token map
 * @param model name of the model that decodes it
 * @param prefillTokens tokens per image that the model has to catch up on first; 0 inside a leg
 */
public record ScaleStep(int scale, int side, String model, int prefillTokens)
    implements Serializable {

  /** Returns the tokens per image of this scale. */
  public int tokens() {
    return side * side;
  }
}
