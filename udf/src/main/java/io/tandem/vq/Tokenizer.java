package io.tandem.vq;

import io.tandem.image.PixelRounding;
import io.tandem.image.RgbImage;
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
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The half of a multi-scale VQ-VAE that generation needs: quantiser and decoder. The other half is
 * {@link ImageEncoder}.
 *
 * <p>Immutable and shared by threads. Whoever loads it closes it, after the last batch. B images, Z
 * code channels, S side of the finest token map.
 */
public final class Tokenizer implements AutoCloseable {

  private final NativeScope scope;
  private final VqConfig config;
  private final Quantizer quantizer;
  private final VaeNetwork decoder;

  private Tokenizer(NativeScope scope, VqConfig config, Quantizer quantizer, VaeNetwork decoder) {
    this.scope = scope;
    this.config = config;
    this.quantizer = quantizer;
    this.decoder = decoder;
  }

  /**
   * Loads a tokeniser; {@code source} stays open.
   *
   * @param schedule token maps of the images; the same checkpoint serves all schedules
   * @param precision of the decoder's products; the quantiser is float32
   * @throws io.tandem.base.UserError if {@code source} is no tokeniser
   */
  public static Tokenizer load(
      WeightSource source, ScaleSchedule schedule, Precision precision, DeviceSpec device) {
    return load(source, schedule, precision, device, Arithmetic.FAST);
  }

  static Tokenizer load(
      WeightSource source,
      ScaleSchedule schedule,
      Precision precision,
      DeviceSpec device,
      Arithmetic arithmetic) {
    VqConfig config = VqCheckpoint.config(source);
    NativeScope scope = NativeScope.open(device);
    try (NativeScope reading = NativeScope.open(device)) {
      VaeLoader loader = new VaeLoader(scope, source, config);
      Quantizer quantizer =
          new Quantizer(scope, config, schedule, loader.tensors(reading, "quantize."));
      VaeNetwork decoder = loader.decoder(schedule.finestSide(), precision, arithmetic);
      return new Tokenizer(scope, config, quantizer, decoder);
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  /** Returns the architecture. */
  public VqConfig config() {
    return config;
  }

  /** Returns the bytes of the decoder's weights as they are prepared. */
  public long weightBytes() {
    return VaeKernel.weightBytes(decoder);
  }

  /** Returns the feature map of a batch before its first scale: zeros. */
  public FeatureMap newFeatureMap(NativeScope batch, int images) {
    return new FeatureMap(quantizer, batch, images);
  }

  /**
   * Returns the images of {@code features}, [B, Z, S, S], as float32 [B, 3, H, W] in [0, 1], in the
   * batch's scope.
   */
  public Tensor decode(NativeScope batch, Tensor features) {
    return VaeKernel.decode(batch, decoder, features);
  }

  /** Returns images [B, 3, H, W] as pictures. */
  public List<RgbImage> pixels(Tensor images, PixelRounding rounding) {
    long[] shape = images.shape();
    FloatBuffer planes = FloatBuffer.wrap(images.toFloats());
    List<RgbImage> pictures = new ArrayList<>();
    for (int i = 0; i < shape[0]; i++) {
      pictures.add(RgbImage.ofPlanes(planes, (int) shape[3], (int) shape[2], rounding));
    }
    return pictures;
  }

  /** Frees the weights. */
  @Override
  public void close() {
    scope.close();
  }
}
