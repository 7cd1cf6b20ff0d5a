package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.train.TrainingLoop.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** A run in three parts, each by a task of its own, beside one that nothing broke. */
record ResumedRun(Path folder) {

  /**
   * Passes if both end with the same bits and saw the same losses.
   *
   * @param first steps after which the run is stopped for the first time
   * @param second steps after which it is stopped again
   */
  void assertSameEnd(Supplier<TrainingTask> tasks, int first, int second) {
    List<double[]> expected;
    TinyRuns.Rows whole = new TinyRuns.Rows();
    try (TrainingTask task = tasks.get()) {
      assertThat(run(task, "whole", whole, Integer.MAX_VALUE)).isEqualTo(Outcome.FINISHED);
      expected = TinyRuns.state(task);
    }
    TinyRuns.Rows parts = new TinyRuns.Rows();
    for (int steps : new int[] {first, second - first}) {
      try (TrainingTask task = tasks.get()) {
        assertThat(run(task, "parts", parts, steps)).isEqualTo(Outcome.STOPPED);
      }
    }
    try (TrainingTask task = tasks.get()) {
      assertThat(run(task, "parts", parts, Integer.MAX_VALUE)).isEqualTo(Outcome.FINISHED);

      assertThat(TinyRuns.state(task)).containsExactlyElementsOf(expected);
    }
    assertThat(parts.steps()).isEqualTo(whole.steps());
    for (int i = 0; i < whole.kept.size(); i++) {
      assertThat(parts.kept.get(i).loss()).isEqualTo(whole.kept.get(i).loss());
      assertThat(parts.kept.get(i).update()).isEqualTo(whole.kept.get(i).update());
    }
  }

  private Outcome run(TrainingTask task, String name, TinyRuns.Rows rows, int steps) {
    return new TrainingLoop(
            folder.resolve(name + ".safetensors"),
            Duration.ofDays(1),
            rows,
            () -> rows.pending.size() == steps)
        .run(task);
  }
}
