package io.tandem.executor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How far runs have come, as the executors tell: for the eye alone. Attempts count, so a retried
 * task counts twice; what is really there is told by the rows. Thread-safe.
 *
 * <p>Told of by {@link TandemPlugin}; without it only tasks of this JVM count.
 */
public final class GenerateProgress {

  private static final GenerateProgress OF_THIS_JVM = new GenerateProgress();

  private final DecodeMetrics metrics = new DecodeMetrics();
  private final Map<String, Attempted> runs = new ConcurrentHashMap<>();

  /**
   * What a run has attempted.
   *
   * @param images rows that succeeded
   * @param failed rows that did not
   * @param batches of these rows
   */
  public record Attempted(long images, long failed, long batches) {

    private static final Attempted NOTHING = new Attempted(0, 0, 0);

    private Attempted plus(Attempted other) {
      return new Attempted(images + other.images, failed + other.failed, batches + other.batches);
    }
  }

  /** Returns the progress that this driver hears of. */
  public static GenerateProgress ofThisJvm() {
    return OF_THIS_JVM;
  }

  /** Returns what the run has attempted since this JVM began. */
  public Attempted of(String runId) {
    return runs.getOrDefault(runId, Attempted.NOTHING);
  }

  DecodeMetrics metrics() {
    return metrics;
  }

  void add(BatchReport report) {
    metrics.add(report);
    runs.merge(report.runId(), new Attempted(report.images(), report.failed(), 1), Attempted::plus);
  }
}
