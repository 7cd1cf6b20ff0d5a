package io.tandem.kernel;

import ai.djl.pytorch.jni.IValue;

/** The weights of {@link InceptionKernel}, folded and packed, in float32. Shared by threads. */
public final class InceptionWeights extends NativeValue {

  InceptionWeights(NativeScope scope, IValue value) {
    super(scope, value);
  }
}
