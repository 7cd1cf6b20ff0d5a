package io.tandem.kernel;

/**
 * Draws tokens from logits ({@code sampler.py}).
 *
 * <p>B images, l tokens, V vocabulary. Thread-safe.
 */
public final class SamplerKernel {

  private SamplerKernel() {}

  /**
   * Filters of one scale, applied in this order.
   *
   * @param topK how many of the largest logits stay, ties with the last one included; 0 keeps all
   * @param topP the smallest set of largest probabilities that has this mass stays; 1 keeps all
   * @param temperature what the logits are divided by after filtering
   */
  public record Filters(int topK, double topP, double temperature) {}

  /**
   * Returns one token per position by Gumbel-max, int64 [B, l], -1 where the logits are not finite.
   *
   * @param logits float32 [B, l, V]
   * @param words int32 [B, l], one random word per position, from which the noise of each kept id
   *     is hashed
   */
  public static Tensor sample(NativeScope scope, Tensor logits, Tensor words, Filters filters) {
    return Kernels.call("sample")
        .with(logits)
        .with(words)
        .with(filters.topK())
        .with(filters.topP())
        .with(filters.temperature())
        .toTensor(scope);
  }

  /** Returns the ids of the largest logits, int64 [B, l], -1 where they are not finite. */
  public static Tensor greedy(NativeScope scope, Tensor logits) {
    return Kernels.call("greedy").with(logits).toTensor(scope);
  }

  /** Returns the probabilities that tokens are drawn with, float32 [n, V]. */
  public static Tensor filteredProbabilities(NativeScope scope, Tensor logits, Filters filters) {
    return Kernels.call("filtered_probabilities")
        .with(logits)
        .with(filters.topK())
        .with(filters.topP())
        .with(filters.temperature())
        .toTensor(scope);
  }
}
