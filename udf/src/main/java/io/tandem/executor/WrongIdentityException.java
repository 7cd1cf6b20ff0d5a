package io.tandem.executor;

import io.tandem.base.HopelessException;
import java.util.List;

/** An executor would make images that differ from those of the run in their last bits. */
public final class WrongIdentityException extends HopelessException {

  private static final long serialVersionUID = 1L;

  WrongIdentityException(String host, List<String> differences) {
    super(
        ("Cannot decode on host %s: it has %s. Use hosts of one kind with one version of Tandem, or"
                + " start another run.")
            .formatted(host, String.join(", ", differences)));
  }
}
