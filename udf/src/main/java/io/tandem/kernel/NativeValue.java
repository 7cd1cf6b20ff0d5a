package io.tandem.kernel;

import ai.djl.pytorch.jni.IValue;

/** A value in native memory that its {@link NativeScope} frees: a tensor, weights, a cache. */
public abstract class NativeValue implements AutoCloseable {

  private final NativeScope scope;
  private IValue value;

  NativeValue(NativeScope scope, IValue value) {
    this.scope = scope;
    this.value = value;
    scope.adopt(this);
  }

  final IValue value() {
    if (value == null) {
      throw new IllegalStateException("Cannot use a native value: it was closed");
    }
    return value;
  }

  /** Frees the value before its scope closes; does nothing the second time. */
  @Override
  public final void close() {
    if (value != null) {
      scope.release(this);
      free();
    }
  }

  final void free() {
    value.close();
    value = null;
  }
}
