package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.train.LearningRate;
import io.tandem.train.Pace;
import java.util.function.IntFunction;
import picocli.CommandLine.Option;

/** Options of how long and how fast a model learns. */
final class PaceOptions {

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = {
        "Steps of the optimiser (default: the epochs of the paper; for a tokeniser as the demo's)."
      })
  private Long steps;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Pictures per step (default: the paper's; for a tokeniser the demo's).")
  private Integer batchSize;

  @Option(
      names = "--at-once",
      paramLabel = "N",
      description = {
        "Pictures of a step that are computed at once; the gradients of such parts add up (default:"
            + " all)."
      })
  private Integer atOnce;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      description = {
        "Largest learning rate (default: the paper's, in proportion to the batch; for a tokeniser"
            + " the demo's)."
      })
  private Double learningRate;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description =
          "Steps in which the rate rises (default: a fiftieth; a tokeniser's a twentieth).")
  private Long warmUp;

  @Option(
      names = "--end-rate",
      paramLabel = "SHARE",
      description = "Rate of the last step as a share of the largest one (default: the paper's).")
  private Double endRate;

  @Option(
      names = "--weight-decay",
      paramLabel = "DECAY",
      description = "Weight decay of the tensors that decay (default: the paper's).")
  private Double weightDecay;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      converter = SamplingOptions.SeedConverter.class,
      description = {
        "Seed of initial weights, order of pictures and all other draws (default ${DEFAULT-VALUE})."
      })
  private long seed;

  /**
   * Returns the pace.
   *
   * @param usual the pace that is usual for a batch size
   * @param usualBatch the batch size that is usual
   */
  Pace pace(IntFunction<Pace> usual, int usualBatch) {
    int batch = batchSize == null ? usualBatch : batchSize;
    check(batch > 0, "Cannot train on batches of %d images (1 or more)", batch);
    Pace standard = usual.apply(batch);
    long count = steps == null ? standard.steps() : steps;
    LearningRate rate = standard.learningRate();
    double warmUpShare = (double) rate.warmUpSteps() / standard.steps();
    return new Pace(
        count,
        batch,
        new LearningRate(
            learningRate == null ? rate.peak() : learningRate,
            warmUp == null ? Math.round(warmUpShare * Math.max(0, count)) : warmUp,
            endRate == null ? rate.endFraction() : endRate),
        weightDecay == null ? standard.decay() : weightDecay,
        seed,
        atOnce == null ? Integer.MAX_VALUE : atOnce);
  }
}
