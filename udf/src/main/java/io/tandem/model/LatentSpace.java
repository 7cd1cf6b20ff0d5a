package io.tandem.model;

import static io.tandem.base.Checks.check;

import java.io.Serializable;

/**
 * The discrete space that transformers and tokeniser share. Models can serve scales of one image
 * exactly when their latent spaces are equal.
 *
 * @param vocabulary number of codes in the codebook
 * @param channels channels of a code
 * @param schedule sides of the token maps
 */
public record LatentSpace(int vocabulary, int channels, ScaleSchedule schedule)
    implements Serializable {

  public LatentSpace {
    check(vocabulary > 1, "Cannot use a vocabulary of %d codes (at least 2)", vocabulary);
    check(channels > 0, "Cannot use codes of %d channels (at least 1)", channels);
  }
}
