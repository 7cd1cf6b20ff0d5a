package io.tandem.registry;

import io.tandem.base.HopelessException;

/** A file of weights is not the one that the run began with. */
public final class WrongWeightsException extends HopelessException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param host where the file is
   * @param file what was wanted
   * @param found digest of what is there
   */
  public WrongWeightsException(String host, ModelFile file, String found) {
    super(
        ("Cannot decode with '%s' on host %s: the SHA-256 of '%s' is %s there (the run has %s)."
                + " Put the same file on every host.")
            .formatted(file.name(), host, file.location(), found, file.sha256()));
  }
}
