package io.tandem.kernel;

import ai.djl.pytorch.jni.IValue;

/** Codebook and residual convolutions of one tokeniser; shared by threads. */
public final class QuantizerWeights extends NativeValue {

  QuantizerWeights(NativeScope scope, IValue value) {
    super(scope, value);
  }
}
