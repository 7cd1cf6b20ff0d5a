package io.tandem.executor;

import java.io.Serializable;

/**
 * A model of a run.
 *
 * @param name what plans and messages call it
 * @param origin as the user gave it: a path, a Hadoop URI, {@code random:4}, {@code demo:NAME}
 * @param bytes of its weights, as the driver found them
 * @param sha256 digest of its weights, 64 lower-case hexadecimal digits
 */
public record NamedModel(String name, String origin, long bytes, String sha256)
    implements Serializable {

  public NamedModel {
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("'" + sha256 + "' of '" + name + "' is no SHA-256");
    }
  }
}
