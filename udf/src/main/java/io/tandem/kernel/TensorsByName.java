package io.tandem.kernel;

import io.tandem.model.NumberFormat;
import java.nio.ByteBuffer;

/** Tensors by name: how weights are handed to a kernel that prepares them. Not thread-safe. */
public final class TensorsByName extends NativeValue {

  private final NativeScope scope;

  private TensorsByName(NativeScope scope) {
    super(scope, Kernels.call("tensors").run());
    this.scope = scope;
  }

  /** Returns an empty collection in {@code scope}. */
  public static TensorsByName in(NativeScope scope) {
    return new TensorsByName(scope);
  }

  /**
   * Adds a tensor with the numbers of {@code data}, little-endian and in row-major order, which are
   * copied; bfloat16 becomes float32.
   */
  public void put(String name, ByteBuffer data, NumberFormat format, long... shape) {
    try (Tensor tensor = Tensor.of(scope, data, format, shape)) {
      put(name, tensor);
    }
  }

  /** Adds {@code tensor}, which may be closed after that: the collection keeps the memory alive. */
  void put(String name, Tensor tensor) {
    Kernels.call("put").with(this).with(name).with(tensor).toNothing();
  }
}
