package io.tandem.kernel;

import ai.djl.pytorch.jni.IValue;

/** Keys and values of one transformer and batch, written in place by the steps. */
public final class KvCache extends NativeValue {

  private final int rows;

  KvCache(NativeScope scope, IValue value, int rows) {
    super(scope, value);
    this.rows = rows;
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the bytes of the live tensors. */
  public long bytes() {
    return Kernels.call("cache_bytes").with(this).toLong();
  }
}
