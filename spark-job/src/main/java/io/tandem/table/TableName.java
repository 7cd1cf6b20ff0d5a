package io.tandem.table;

import java.util.Locale;

/** The tables that waves are written to. */
enum TableName {
  IMAGES,
  LATENCY;

  /** Returns the folder of a wave, relative to the run. */
  String folder(int wave) {
    return this + "/wave=" + wave;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
