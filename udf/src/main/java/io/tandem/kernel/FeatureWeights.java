package io.tandem.kernel;

import ai.djl.pytorch.jni.IValue;

/** The weights of a feature network, in float32. Shared by threads. */
public final class FeatureWeights extends NativeValue {

  FeatureWeights(NativeScope scope, IValue value) {
    super(scope, value);
  }
}
