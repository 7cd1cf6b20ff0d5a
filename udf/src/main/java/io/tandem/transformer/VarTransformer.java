package io.tandem.transformer;

import io.tandem.kernel.ClassCondition;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.kernel.TensorsByName;
import io.tandem.kernel.TransformerKernel;
import io.tandem.kernel.TransformerWeights;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.VarConfig;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.VarCheckpoint;
import io.tandem.weights.WeightSource;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A VAR transformer whose weights are ready on a device.
 *
 * <p>Immutable and shared by threads; what a batch changes is in {@link TransformerState}. Whoever
 * loads a transformer closes it, after the last state.
 */
public final class VarTransformer implements AutoCloseable {

  private final VarConfig config;
  private final NativeScope scope;
  private final TransformerWeights weights;

  private VarTransformer(VarConfig config, NativeScope scope, TransformerWeights weights) {
    this.config = config;
    this.scope = scope;
    this.weights = weights;
  }

  /**
   * Returns the transformer in {@code source}, its products in {@code precision}. Tensors are read,
   * cast and laid out one block at a time.
   *
   * @throws io.tandem.base.UserError if the source holds another kind of model, or tensors are
   *     missing, extra or misshapen
   */
  public static VarTransformer load(WeightSource source, Precision precision, DeviceSpec device) {
    VarConfig config = VarCheckpoint.config(source);
    NativeScope scope = NativeScope.open(device);
    try {
      TransformerWeights weights;
      try (NativeScope reading = NativeScope.open(device)) {
        TensorsByName tensors = TensorsByName.in(reading);
        for (String name : source.names()) {
          if (!name.startsWith("blocks.") && !name.equals("attn_bias_for_masking")) {
            TensorSpec spec = source.spec(name);
            tensors.put(name, source.read(name), spec.format(), spec.sizes());
          }
        }
        weights = TransformerKernel.prepare(scope, tensors, config.heads(), precision);
      }
      for (int block = 0; block < config.depth(); block++) {
        addBlock(weights, source, "blocks." + block + ".", device);
      }
      return new VarTransformer(config, scope, weights);
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  private static void addBlock(
      TransformerWeights weights, WeightSource source, String prefix, DeviceSpec device) {
    try (NativeScope reading = NativeScope.open(device)) {
      TensorsByName tensors = TensorsByName.in(reading);
      for (String name : source.names()) {
        if (name.startsWith(prefix) && !name.endsWith("zero_k_bias")) {
          TensorSpec spec = source.spec(name);
          tensors.put(
              name.substring(prefix.length()), source.read(name), spec.format(), spec.sizes());
        }
      }
      TransformerKernel.addBlock(weights, tensors);
    }
  }

  /** Returns the architecture. */
  public VarConfig config() {
    return config;
  }

  /**
   * Returns the state of a new batch.
   *
   * @param batch owns what the state makes; closed by the caller
   * @param labels one class per image
   * @param lastScale the last scale that this transformer will decode in the batch; nothing reads
   *     its keys and values again, so they are not kept
   * @param widest {@link Rows#GUIDED} if any of its scales is guided
   */
  public TransformerState begin(NativeScope batch, int[] labels, int lastScale, Rows widest) {
    return begin(
        batch, labels, new TransformerState.Extent(lastScale, widest, TransformerState.Guests.ONE));
  }

  /** Returns the state of a new batch, which may branch. */
  public TransformerState begin(NativeScope batch, int[] labels, TransformerState.Extent extent) {
    return new TransformerState(this, batch, labels, extent);
  }

  /**
   * Returns the logits of all scales without guidance, float32 [B, L, V], for B labels and the
   * inputs of all scales but the first, float32 [B, l, Z] each. L tokens of an image, V vocabulary,
   * Z code channels.
   */
  public Tensor teacherForcing(NativeScope batch, int[] labels, List<Tensor> inputs) {
    long[] ends =
        IntStream.rangeClosed(1, config.schedule().scales())
            .mapToLong(config.schedule()::offset)
            .toArray();
    long[] rows = IntStream.of(labels).asLongStream().toArray();
    try (ClassCondition condition = TransformerKernel.condition(batch, weights, rows)) {
      return TransformerKernel.teacherForcing(batch, weights, condition, inputs, ends);
    }
  }

  TransformerWeights weights() {
    return weights;
  }

  /** Frees the weights. */
  @Override
  public void close() {
    scope.close();
  }
}
