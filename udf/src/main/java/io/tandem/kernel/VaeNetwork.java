package io.tandem.kernel;

import ai.djl.pytorch.jni.IValue;

/**
 * A decoder or an encoder: layers with their weights, prepared for device, precision and size of
 * the map. Shared by threads once all layers are in.
 */
public final class VaeNetwork extends NativeValue {

  VaeNetwork(NativeScope scope, IValue value) {
    super(scope, value);
  }
}
