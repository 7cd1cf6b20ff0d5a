package io.tandem.train;

import static io.tandem.base.Checks.check;

import io.tandem.kernel.TrainingTensors;
import java.util.ArrayList;
import java.util.List;

/**
 * How long and how fast a run learns.
 *
 * @param steps steps of the optimiser
 * @param batch images per step
 * @param learningRate over the steps
 * @param decay weight decay of the tensors that decay
 * @param seed chooses initial weights, the order of the images and all other chances
 * @param largestPart images of a step that are computed at once; a larger batch is computed in
 *     parts whose gradients add up, which needs less memory
 */
public record Pace(
    long steps, int batch, LearningRate learningRate, double decay, long seed, int largestPart) {

  /** All images of a step are computed at once. */
  public Pace(long steps, int batch, LearningRate learningRate, double decay, long seed) {
    this(steps, batch, learningRate, decay, seed, Integer.MAX_VALUE);
  }

  public Pace {
    check(largestPart > 0, "Cannot compute %d images at once (1 or more)", largestPart);
    check(steps > 0, "Cannot train for %d steps (1 or more)", steps);
    check(batch > 0, "Cannot train on batches of %d images (1 or more)", batch);
    check(decay >= 0, "Cannot use weight decay %s (0 or more)", decay);
  }

  /** Returns the images of {@code step}. */
  long[] examples(BatchOrder order, long step) {
    long[] examples = new long[batch];
    for (int i = 0; i < batch; i++) {
      examples[i] = order.example(step * batch + i);
    }
    return examples;
  }

  @Override
  public String toString() {
    String parts =
        largestPart == Integer.MAX_VALUE ? "" : ", at most %d at once".formatted(largestPart);
    return "Pace[%d steps of %d images%s, %s, decay %s, seed %d]"
        .formatted(steps, batch, parts, learningRate, decay, seed);
  }

  /**
   * Returns the decay of each tensor: none for biases, other tensors of one dimension, positions,
   * level embeddings, AdaLN offsets and attention scales.
   *
   * @see <a href="https://github.com/FoundationVision/VAR/blob/78b9539/utils/lr_control.py">
   *     filter_params</a>
   */
  List<Double> weightDecay(TrainingTensors weights) {
    List<Double> decays = new ArrayList<>();
    for (String name : weights.names()) {
      decays.add(decays(name, weights.shape(name).length) ? decay : 0.0);
    }
    return decays;
  }

  private static boolean decays(String name, int dimensions) {
    return dimensions > 1
        && !name.endsWith("bias")
        && !name.startsWith("pos_")
        && !name.equals("lvl_embed.weight")
        && !name.endsWith("ada_gss")
        && !name.endsWith("scale_mul_1H11");
  }
}
