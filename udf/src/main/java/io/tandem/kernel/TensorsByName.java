package io.tandem.kernel;

/** Tensors by name: how weights are handed to a kernel that prepares them. Not thread-safe. */
public final class TensorsByName extends NativeValue {

  private TensorsByName(NativeScope scope) {
    super(scope, Kernels.call("tensors").run());
  }

  /** Returns an empty collection in {@code scope}. */
  public static TensorsByName in(NativeScope scope) {
    return new TensorsByName(scope);
  }

  /** Adds {@code tensor}, which may be closed after that: the collection keeps the memory alive. */
  public void put(String name, Tensor tensor) {
    Kernels.call("put").with(this).with(name).with(tensor).toNothing();
  }
}
