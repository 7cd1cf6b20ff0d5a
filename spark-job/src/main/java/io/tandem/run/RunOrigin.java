package io.tandem.run;

import java.io.Serializable;
import java.time.Instant;

/**
 * Which run it is, and who began it when.
 *
 * @param runId as {@link RunId} makes and checks it
 * @param tandem version that began the run
 * @param created when it was begun
 */
public record RunOrigin(String runId, String tandem, Instant created) implements Serializable {

  public RunOrigin {
    RunId.checked(runId);
  }

  /** Returns what is told of a run that begins now. */
  public static RunOrigin now(String runId, String tandem) {
    return new RunOrigin(runId, tandem, Instant.now());
  }
}
