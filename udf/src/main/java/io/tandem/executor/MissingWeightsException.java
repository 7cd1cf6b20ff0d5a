package io.tandem.executor;

import io.tandem.base.HopelessException;

/** A file of weights that the driver read is not there for an executor. */
public final class MissingWeightsException extends HopelessException {

  private static final long serialVersionUID = 1L;

  MissingWeightsException(String host, NamedModel model) {
    super(
        ("Cannot decode with '%s' on host %s: there is no '%s' there (the driver found it, with %,d"
                + " bytes). Put it there on every host, or name it by a URI that all hosts can"
                + " read.")
            .formatted(model.name(), host, model.origin(), model.bytes()));
  }
}
