package io.tandem.kernel;

/**
 * The multi-scale quantiser on tensors ({@code quantizer.py}).
 *
 * <p>B images, s side of a token map, n side of the next one, S side of the feature map, Z code
 * channels. Everything is float32 and gives the same bits for any number of threads. Scopes own
 * what the calls return.
 */
public final class QuantizerKernel {

  private QuantizerKernel() {}

  /** Returns the quantiser of {@code tensors}, by official name. */
  public static QuantizerWeights prepare(
      NativeScope scope, TensorsByName tensors, int residualConvolutions) {
    return new QuantizerWeights(
        scope, Kernels.call("quantizer").with(tensors).with(residualConvolutions).run());
  }

  /**
   * Returns what a token map adds to the feature map, [B, Z, S, S].
   *
   * @param tokens int64 [B, s * s]
   * @param up bicubic resizing [S, s]
   * @param convolution which residual convolution serves the scale
   */
  public static Tensor contribution(
      NativeScope scope, QuantizerWeights weights, Tensor tokens, Tensor up, int convolution) {
    return Kernels.call("contribution")
        .with(weights)
        .with(tokens)
        .with(up)
        .with(convolution)
        .toTensor(scope);
  }

  /**
   * Returns what the next scale starts from, [B, n * n, Z], by area resizing {@code down} [n, S].
   */
  public static Tensor nextInput(NativeScope scope, Tensor features, Tensor down) {
    return Kernels.call("next_input").with(features).with(down).toTensor(scope);
  }

  /** Returns the ids of the codes nearest to {@code residual} [B, Z, S, S], int64 [B, s * s]. */
  public static Tensor nearest(
      NativeScope scope, QuantizerWeights weights, Tensor residual, Tensor down) {
    return Kernels.call("nearest").with(weights).with(residual).with(down).toTensor(scope);
  }

  /** Adds {@code factor} times {@code summand} to {@code sum}, in place. */
  public static void addInPlace(Tensor sum, Tensor summand, double factor) {
    Kernels.call("add_in_place").with(sum).with(summand).with(factor).toNothing();
  }
}
