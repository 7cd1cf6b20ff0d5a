package io.tandem.job;

import java.util.List;
import java.util.Map;

/**
 * What made the weights of a stage.
 *
 * @param stage its name
 * @param identity one line with everything that decides the weights
 * @param settings the same for machines
 * @param origin who made them
 * @param run how long it took
 * @param losses at the end
 */
public record StageRecord(
    String stage, String identity, Record settings, Origin origin, Run run, Losses losses) {

  /**
   * Who made weights.
   *
   * @param command arguments of the command line
   * @param software versions
   */
  public record Origin(List<String> command, String software) {}

  /**
   * How long it took.
   *
   * @param steps of the optimiser
   * @param images seen, each as often as it was seen
   * @param seconds of all parts of the run
   * @param endedAt when the last step ended
   */
  public record Run(long steps, long images, double seconds, String endedAt) {}

  /**
   * Losses at the end.
   *
   * @param loss mean of what was minimised over the last steps
   * @param parts means of what it consists of
   * @param steps how many steps the means are over
   */
  public record Losses(double loss, Map<String, Double> parts, int steps) {}
}
