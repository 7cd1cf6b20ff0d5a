package io.tandem.train;

import io.tandem.dataset.ShapeImages;
import io.tandem.kernel.LibTorch;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Trains a tokeniser in a JVM of its own until somebody ends it. A step takes a second or so: the
 * JVM waits for shorter ones by itself.
 */
final class EndlessRun {

  private EndlessRun() {}

  /** Prints the step after each one; a checkpoint follows it. */
  public static void main(String[] args) {
    LibTorch.useThreads(2);
    TrainingLog log =
        new TrainingLog() {
          @Override
          public void add(TrainingRow row) {
            System.out.println("step " + row.step());
          }

          @Override
          public void flush() {}
        };
    try (TrainingTask task = task()) {
      new TrainingLoop(Path.of(args[0]), Duration.ZERO, log, () -> false).run(task);
    }
  }

  static TrainingTask task() {
    return new TokeniserTraining(
        new TokeniserTraining.Settings(
            new VqConfig(32, List.of(1, 1, 2), 1, 24, 8, 4),
            ScaleSchedule.PIXELS_256,
            new Pace(100_000, 12, new LearningRate(1e-3, 0, 1), 0, 1),
            TinyRuns.LOSSES,
            Precision.FP32),
        ShapeImages.of(1, 64, 100),
        DeviceSpec.CPU);
  }
}
