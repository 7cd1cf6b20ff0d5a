package io.tandem.table;

import java.io.Serializable;

/**
 * Something that is not as the records of a run say.
 *
 * @param wave the wave, {@value #NONE} if it is of none
 * @param file the path of the file relative to the run, empty if it is of none
 * @param sample index of the sample, {@value #NONE} if it is of none
 * @param what a sentence without its full stop
 */
public record Finding(int wave, String file, long sample, String what) implements Serializable {

  /** The wave or sample of what is of none. */
  public static final int NONE = -1;

  /** Returns the file, the sample and what was found. */
  @Override
  public String toString() {
    String place = file.isEmpty() ? "wave " + wave : file;
    if (file.isEmpty() && wave == NONE) {
      place = "the run";
    }
    return place + (sample == NONE ? "" : ", sample " + sample) + ": " + what;
  }
}
