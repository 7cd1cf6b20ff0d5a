package io.tandem.table;

import java.io.Serializable;

/** The class that the plan of a run has for each sample. Thread-safe. */
@FunctionalInterface
public interface ClassOfSample extends Serializable {

  /** Returns the class of the sample with this index. */
  int classOf(long sample);
}
