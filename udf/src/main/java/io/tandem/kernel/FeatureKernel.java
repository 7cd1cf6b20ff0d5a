package io.tandem.kernel;

import java.util.List;

/**
 * The demo's feature network on tensors ({@code features.py}).
 *
 * <p>B pictures of height H and width W, both multiples of 8; F features; K classes. Everything is
 * float32. On a processor the rows have the same bits in a batch of any size. Scopes own what the
 * calls return. Thread-safe.
 */
public final class FeatureKernel {

  private FeatureKernel() {}

  /**
   * What the network says about pictures.
   *
   * @param features [B, F]
   * @param logits [B, K]
   */
  public record Rows(Tensor features, Tensor logits) {}

  /** Returns the network of {@code tensors}, by name, which may be of any float format. */
  public static FeatureWeights prepare(NativeScope scope, TensorsByName tensors) {
    return new FeatureWeights(scope, Kernels.call("feature_weights").with(tensors).run());
  }

  /** Returns features and logits of {@code images}, [B, 3, H, W] in [0, 1]. */
  public static Rows rows(NativeScope scope, FeatureWeights weights, Tensor images) {
    List<Tensor> rows = Kernels.call("feature_rows").with(weights).with(images).toTensors(scope);
    return new Rows(rows.get(0), rows.get(1));
  }
}
