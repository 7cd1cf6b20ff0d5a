package io.tandem.job;

import java.util.List;
import java.util.Optional;

/**
 * What a decoding benchmark measured. Times are medians over the measured batches; work is that of
 * the plain algorithm ({@link io.tandem.metrics.WorkCount}); a share is work per second over the
 * product rate of the same run.
 *
 * @param setting what was measured, on what
 * @param rate the machine's own limit
 * @param plan the plan that was asked for
 * @param baseline plain VAR by the plan's first model; empty where the plan is that, or it was not
 *     wanted
 * @param memory bytes
 */
public record BenchmarkResult(
    Setting setting, Rate rate, Run plan, Optional<Run> baseline, Memory memory) {

  /**
   * What was measured, on what.
   *
   * @param models names and origins, {@code big=random:16}
   * @param precision number format of the products
   * @param device where
   * @param threads threads of the kernels
   * @param batchSize images per batch
   * @param software versions of Java, DJL and libtorch
   */
  public record Setting(
      List<String> models,
      String precision,
      String device,
      int threads,
      int batchSize,
      String software) {}

  /**
   * Best of five products of 2048 x 2048 matrices in the same precision, in GFLOP per second.
   *
   * @param before before the batches
   * @param after after them
   */
  public record Rate(double before, double after) {

    /** Returns the larger one, which shares refer to. */
    public double best() {
      return Math.max(before, after);
    }
  }

  /**
   * One plan, measured.
   *
   * @param plan canonical text
   * @param batchSeconds of every measured batch, in order
   * @param whole the batch from labels to encoded images
   * @param scales per scale
   * @param stages per stage
   * @param imagesPerSecond end to end
   */
  public record Run(
      String plan,
      List<Double> batchSeconds,
      Speed whole,
      List<ScaleSpeed> scales,
      List<StageSpeed> stages,
      double imagesPerSecond) {

    /** Returns the share of the time in which no kernel ran: Java, copies, image files. */
    public double outsideKernels() {
      double outside =
          stages.stream()
              .filter(stage -> !stage.kernel())
              .mapToDouble(stage -> stage.speed().milliseconds())
              .sum();
      return outside / whole.milliseconds();
    }
  }

  /**
   * Time and work.
   *
   * @param milliseconds median
   * @param gflop work; 0 where it is not counted
   * @param share of the product rate
   */
  public record Speed(double milliseconds, double gflop, double share) {

    /** Returns the work per second, in GFLOP. */
    public double gflopPerSecond() {
      return milliseconds == 0 ? 0 : gflop / milliseconds * 1e3;
    }
  }

  /**
   * One scale.
   *
   * @param scale counted from 1
   * @param side of its token map
   * @param model that decodes it
   * @param prefill catching up on the scales before
   * @param decode the step itself, class condition included where the model begins
   * @param sampleMilliseconds drawing tokens and adding them to the feature map
   */
  public record ScaleSpeed(
      int scale, int side, String model, Speed prefill, Speed decode, double sampleMilliseconds) {}

  /**
   * One stage of the batch.
   *
   * @param stage name
   * @param speed time and work
   * @param kernel whether the time is spent in kernels
   */
  public record StageSpeed(String stage, Speed speed, boolean kernel) {}

  /**
   * Bytes.
   *
   * @param weights of all models, computed from their shapes
   * @param caches most keys and values alive at once, read from the tensors
   * @param residentPeak most memory of this process in RAM; 0 where the system does not tell
   */
  public record Memory(long weights, long caches, long residentPeak) {}
}
