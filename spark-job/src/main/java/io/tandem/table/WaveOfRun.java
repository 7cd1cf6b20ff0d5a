package io.tandem.table;

/**
 * A wave, in a table that many runs share.
 *
 * @param runId name of the run
 * @param number of the wave
 * @param samples those of the wave
 */
public record WaveOfRun(String runId, int number, SampleRange samples) {

  public WaveOfRun {
    if (!runId.matches("[A-Za-z0-9._-]+")) {
      throw new IllegalArgumentException("'" + runId + "' is the name of no run");
    }
  }
}
