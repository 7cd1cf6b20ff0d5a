package io.tandem.executor;

import io.tandem.base.HopelessException;

/** A picture that no evaluation of its set should pass over in silence. */
public final class UnusablePicturesException extends HopelessException {

  private static final long serialVersionUID = 1L;

  UnusablePicturesException(String message) {
    super(message);
  }
}
