package io.tandem.table;

import java.util.SortedMap;

/** Samples in chunks of {@link io.tandem.executor.FeatureSpec#CHUNK} consecutive indexes. */
public interface SampleChunks {

  /** Returns what messages call them. */
  String name();

  /** Returns the number of samples, those without a picture among them. */
  long count();

  /**
   * Returns the chunks that have samples, each with a fingerprint: as long as it stays the same, so
   * do the pictures.
   */
  SortedMap<Long, String> chunks();
}
