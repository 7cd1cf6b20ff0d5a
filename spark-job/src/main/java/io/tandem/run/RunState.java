package io.tandem.run;

import java.util.Locale;

/** How far a run is, as its status tells. */
public enum RunState {
  /** Laid out, and nothing made yet. */
  PLANNED,
  RUNNING,
  /** All waves are committed. */
  DONE,
  FAILED,
  /** Stopped by the user or the system; the same command goes on. */
  INTERRUPTED;

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
