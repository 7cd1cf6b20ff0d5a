package io.tandem.features;

import io.tandem.kernel.NativeScope;
import io.tandem.kernel.TensorsByName;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightSource;

/** Hands the weights of a checkpoint to a kernel. */
final class Tensors {

  private Tensors() {}

  /** Returns all tensors of {@code source}, copied, in {@code scope}. */
  static TensorsByName of(NativeScope scope, WeightSource source) {
    TensorsByName tensors = TensorsByName.in(scope);
    for (String name : source.names()) {
      TensorSpec spec = source.spec(name);
      tensors.put(name, source.read(name), spec.format(), spec.sizes());
    }
    return tensors;
  }
}
