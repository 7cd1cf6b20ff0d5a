package io.tandem.generate;

import io.tandem.kernel.Tensor;

/**
 * Watches a decode, for traces and tests. Tensors belong to the batch: an observer reads them
 * before it returns.
 */
public interface DecodeObserver {

  /** Watches nothing. */
  DecodeObserver NONE = new DecodeObserver() {};

  /**
   * Called after the tokens of a scale were drawn.
   *
   * @param scale counted from 0
   * @param logits guided and unfiltered, float32 [B, l, V]
   * @param tokens B x l ids, row-major
   */
  default void drawn(int scale, Tensor logits, long[] tokens) {}

  /** Called when {@code scale} was added to the running feature map, float32 [B, Z, S, S]. */
  default void accumulated(int scale, Tensor featureMap) {}

  /** Called with the finished images, float32 [B, 3, H, W] in [0, 1]. */
  default void decoded(Tensor images) {}

  /**
   * Called when {@code model} has caught up and decoded {@code scale}, with its live cache bytes.
   */
  default void stepped(String model, int scale, long cacheBytes) {}
}
