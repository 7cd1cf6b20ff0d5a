package io.tandem.vq;

import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import java.util.Optional;

/**
 * The running feature map of one batch: the sum of what its token maps stand for.
 *
 * <p>B images, s tokens per side of a scale, n of the next one, S of the finest one, Z code
 * channels. Not thread-safe: one feature map per batch. All tensors belong to the batch's scope.
 *
 * @see <a href="https://github.com/FoundationVision/VAR/blob/78b9539/models/quant.py">
 *     VectorQuantizer2.get_next_autoregressive_input</a>
 */
public final class FeatureMap {

  private final Quantizer quantizer;
  private final NativeScope batch;
  private final Tensor value;
  private int scales;

  FeatureMap(Quantizer quantizer, NativeScope batch, int images) {
    this(quantizer, batch, quantizer.zeros(batch, images), 0);
  }

  private FeatureMap(Quantizer quantizer, NativeScope batch, Tensor value, int scales) {
    this.quantizer = quantizer;
    this.batch = batch;
    this.value = value;
    this.scales = scales;
  }

  /** Returns a feature map that is the same now and goes its own way. */
  public FeatureMap copy() {
    return new FeatureMap(quantizer, batch, value.copy(batch), scales);
  }

  /**
   * Adds one scale, in place, and returns what the next scale starts from, float32 [B, n * n, Z];
   * nothing at the last scale. What was returned before stays as it is.
   *
   * @param tokens int64 [B, s * s]
   * @param scale counted from 0; scales come in order
   */
  public Optional<Tensor> accumulate(Tensor tokens, int scale) {
    if (scale != scales) {
      throw new IllegalStateException("Cannot add scale " + scale + ": next is " + scales);
    }
    quantizer.add(batch, value, tokens, scale, 1);
    scales++;
    return scales < quantizer.schedule().scales()
        ? Optional.of(quantizer.input(batch, value, scales))
        : Optional.empty();
  }

  /** Returns the sum so far, float32 [B, Z, S, S], which the next scale changes. */
  public Tensor value() {
    return value;
  }

  /** Frees the sum before its batch ends. */
  public void close() {
    value.close();
  }
}
