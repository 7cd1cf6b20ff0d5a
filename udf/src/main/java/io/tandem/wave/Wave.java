package io.tandem.wave;

import java.io.Serializable;

/**
 * Samples that are committed together.
 *
 * @param number position among the waves of the run, from 0
 * @param first index of the first sample
 * @param end index after the last sample
 */
public record Wave(int number, long first, long end) implements Serializable {

  public Wave {
    if (number < 0 || first < 0 || end <= first) {
      throw new IllegalArgumentException(
          "Wave " + number + " cannot hold samples " + first + " to " + (end - 1));
    }
  }

  /** Returns the number of samples. */
  public long images() {
    return end - first;
  }

  /** Returns whether the wave makes {@code sample}. */
  public boolean holds(long sample) {
    return first <= sample && sample < end;
  }
}
