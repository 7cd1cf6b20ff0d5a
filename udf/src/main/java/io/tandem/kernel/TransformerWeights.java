package io.tandem.kernel;

import ai.djl.pytorch.jni.IValue;

/** The weights of one transformer, prepared for their device and precision; shared by threads. */
public final class TransformerWeights extends NativeValue {

  TransformerWeights(NativeScope scope, IValue value) {
    super(scope, value);
  }
}
