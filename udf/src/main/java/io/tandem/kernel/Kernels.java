package io.tandem.kernel;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.pytorch.engine.PtSymbolBlock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The compiled kernels of this JVM. They hold no weights and no state, so one copy serves all
 * threads and devices.
 *
 * <p>The typed calls are in {@link TransformerKernel}, {@link QuantizerKernel}, {@link
 * SamplerKernel}, {@link VaeKernel}, {@link FeatureKernel} and {@link InceptionKernel}.
 */
public final class Kernels {

  /** Loads on first use; the class loader gives the thread safety. */
  private static final class Holder {
    static final Kernels INSTANCE = new Kernels();
  }

  /** Kept only because its finaliser would close the module. */
  private final Model model;

  private final PtSymbolBlock block;

  private Kernels() {
    model = Model.newInstance("kernels", "PyTorch");
    try {
      model.load(new ByteArrayInputStream(KernelArchive.toBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (MalformedModelException e) {
      throw new IllegalStateException("Cannot compile the kernels", e);
    }
    block = (PtSymbolBlock) model.getBlock();
  }

  /** Returns a call of {@code kernel}, to which the arguments are added in order. */
  static KernelCall call(String kernel) {
    return new KernelCall(module(), kernel);
  }

  static PtSymbolBlock module() {
    return Holder.INSTANCE.block;
  }
}
