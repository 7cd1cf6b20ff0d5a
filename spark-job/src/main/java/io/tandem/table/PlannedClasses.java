package io.tandem.table;

import io.tandem.wave.SampleLabels;

/** The classes that the labels of a run say. */
public final class PlannedClasses {

  private PlannedClasses() {}

  /** Returns the class of each sample. */
  public static ClassOfSample of(SampleLabels labels) {
    return sample -> labels.labels(sample, 1)[0];
  }
}
