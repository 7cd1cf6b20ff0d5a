package io.tandem.generate;

import io.tandem.metrics.LatencyRecorder;
import java.util.List;

/**
 * Decodes batches of images with one configuration.
 *
 * <p>The loop is that of {@link BranchingGenerator}, with a single branch. Immutable and
 * thread-safe.
 */
public final class ImageGenerator {

  private final BranchingGenerator loop;

  /**
   * Makes a generator; the caller keeps {@code models} open while it is used.
   *
   * @throws io.tandem.base.UserError if the plan is not for the scales or the names of the models
   */
  public ImageGenerator(ModelSet models, DecodeConfig config) {
    loop = new BranchingGenerator(List.of(new BranchingGenerator.Branch(models, config)));
  }

  /**
   * Returns the tokens and images of a batch.
   *
   * @param latency collects the time of each stage; made for this batch
   * @throws io.tandem.base.UserError if a label is no class of the models or a given token no code
   * @throws NonFiniteLogitsException if a model gives logits that are not finite numbers
   */
  public GeneratedBatch generate(
      BatchRequest request, LatencyRecorder latency, DecodeObserver observer) {
    BranchingGenerator.Result result = loop.generate(request, latency, observer).get(0);
    result
        .failure()
        .ifPresent(
            failure -> {
              throw failure;
            });
    return result.made().orElseThrow();
  }
}
