package io.tandem.table;

import java.util.Optional;

/**
 * What a row of the table of images says of its sample, the picture apart.
 *
 * @param sampleIndex index in the run
 * @param classId class that was asked for
 * @param className name of the class, if it has one
 * @param error why it failed; none if it did not
 */
public record SampleKey(
    long sampleIndex, int classId, Optional<String> className, Optional<String> error) {

  /** Returns whether there is no picture because the decode failed. */
  public boolean isFailed() {
    return error.isPresent();
  }
}
