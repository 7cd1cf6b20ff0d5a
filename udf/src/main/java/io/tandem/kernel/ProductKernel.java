package io.tandem.kernel;

import io.tandem.model.Precision;

/** Square matrix products, which measure what the machine can do. */
public final class ProductKernel {

  private ProductKernel() {}

  /** Returns a [side, side] matrix of bounded numbers in {@code precision}. */
  public static Tensor randomSquare(NativeScope scope, int side, Precision precision) {
    return Kernels.call("random_square")
        .with(side)
        .with(precision.scalarType())
        .with(scope.device().toString())
        .toTensor(scope);
  }

  /** Returns {@code a b}, both [side, side], in their number format. */
  public static Tensor product(NativeScope scope, Tensor a, Tensor b) {
    return Kernels.call("product").with(a).with(b).toTensor(scope);
  }

  /** Returns when {@code tensor} has been computed: a GPU works behind the caller's back. */
  public static void drain(Tensor tensor) {
    Kernels.call("drain").with(tensor).toLong();
  }
}
