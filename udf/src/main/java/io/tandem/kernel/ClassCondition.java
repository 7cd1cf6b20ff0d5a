package io.tandem.kernel;

import ai.djl.pytorch.jni.IValue;

/** What the labels of one batch decide in a transformer, the same for all scales. */
public final class ClassCondition extends NativeValue {

  private final int rows;

  ClassCondition(NativeScope scope, IValue value, int rows) {
    super(scope, value);
    this.rows = rows;
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }
}
