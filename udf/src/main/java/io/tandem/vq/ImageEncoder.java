package io.tandem.vq;

import io.tandem.kernel.Arithmetic;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.kernel.VaeKernel;
import io.tandem.kernel.VaeNetwork;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.weights.VqCheckpoint;
import io.tandem.weights.WeightSource;
import java.util.List;

/**
 * The half of a multi-scale VQ-VAE that turns images into tokens: encoder and quantiser.
 *
 * <p>Immutable and shared by threads. Whoever loads it closes it, after the last batch. B images, Z
 * code channels, s side of a token map, S of the finest one.
 */
public final class ImageEncoder implements AutoCloseable {

  private final NativeScope scope;
  private final VqConfig config;
  private final Quantizer quantizer;
  private final VaeNetwork encoder;

  private ImageEncoder(
      NativeScope scope, VqConfig config, Quantizer quantizer, VaeNetwork encoder) {
    this.scope = scope;
    this.config = config;
    this.quantizer = quantizer;
    this.encoder = encoder;
  }

  /**
   * Loads an encoder; {@code source} stays open.
   *
   * @param schedule token maps of the images
   * @param precision of the encoder's products; the quantiser is float32
   * @throws io.tandem.base.UserError if {@code source} is no tokeniser
   */
  public static ImageEncoder load(
      WeightSource source, ScaleSchedule schedule, Precision precision, DeviceSpec device) {
    VqConfig config = VqCheckpoint.config(source);
    NativeScope scope = NativeScope.open(device);
    try (NativeScope reading = NativeScope.open(device)) {
      VaeLoader loader = new VaeLoader(scope, source, config);
      Quantizer quantizer =
          new Quantizer(scope, config, schedule, loader.tensors(reading, "quantize."));
      VaeNetwork encoder = loader.encoder(schedule.finestSide(), precision, Arithmetic.FAST);
      return new ImageEncoder(scope, config, quantizer, encoder);
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  /** Returns the architecture. */
  public VqConfig config() {
    return config;
  }

  /** Returns the height and width that images must have, in pixels. */
  public int imageSide() {
    return quantizer.schedule().finestSide() * config.pixelsPerCell();
  }

  /**
   * Returns the feature maps of {@code images}, [B, 3, H, W] in [0, 1], before they are quantised:
   * [B, Z, S, S], in the batch's scope.
   */
  public Tensor features(NativeScope batch, Tensor images) {
    return VaeKernel.encode(batch, encoder, images);
  }

  /**
   * Returns the token maps of {@code images}, coarse to fine, each int64 [B, s * s], in the batch's
   * scope.
   *
   * @param images float32 [B, 3, H, W] in [0, 1] of side {@link #imageSide()}
   */
  public List<Tensor> encode(NativeScope batch, Tensor images) {
    try (Tensor features = features(batch, images)) {
      return quantizer.encode(batch, features);
    }
  }

  /** Frees the weights. */
  @Override
  public void close() {
    scope.close();
  }
}
