package io.tandem.wave;

import java.io.Serializable;

/**
 * Labels of the samples of a run by index, also of those after its last one: they pad the last
 * batch, and a longer run makes them.
 *
 * <p>Thread-safe.
 */
public interface SampleLabels extends Serializable {

  /**
   * Returns the labels of samples {@code first} to {@code first + count - 1}.
   *
   * @param first index of a sample, 0 or more
   * @param count at least 1
   */
  int[] labels(long first, int count);
}
