package io.tandem.vq;

import io.tandem.image.PixelRounding;
import io.tandem.image.RgbImage;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.kernel.TensorsByName;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.VqCheckpoint;
import io.tandem.weights.WeightSource;
import java.util.ArrayList;
import java.util.List;

/** Provisional: the decoder gives black images. */
public final class Tokenizer implements AutoCloseable {

  private final VqConfig config;
  private final NativeScope scope;
  private final Quantizer quantizer;

  private Tokenizer(VqConfig config, NativeScope scope, Quantizer quantizer) {
    this.config = config;
    this.scope = scope;
    this.quantizer = quantizer;
  }

  public static Tokenizer load(
      WeightSource source, ScaleSchedule schedule, Precision precision, DeviceSpec device) {
    VqConfig config = VqCheckpoint.config(source);
    NativeScope scope = NativeScope.open(device);
    try (NativeScope reading = NativeScope.open(device)) {
      TensorsByName tensors = TensorsByName.in(reading);
      for (String name : source.names()) {
        if (name.startsWith("quantize.")) {
          TensorSpec spec = source.spec(name);
          long[] shape = spec.shape().stream().mapToLong(Long::longValue).toArray();
          tensors.put(name, reading.of(source.read(name), spec.format(), shape));
        }
      }
      return new Tokenizer(config, scope, new Quantizer(scope, config, schedule, tensors));
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  public VqConfig config() {
    return config;
  }

  public FeatureMap newFeatureMap(NativeScope batch, int images) {
    return new FeatureMap(quantizer, batch, images);
  }

  public Tensor decode(NativeScope batch, Tensor features) {
    int images = (int) features.shape()[0];
    int side = (int) features.shape()[2] * config.pixelsPerCell();
    return batch.floats(new float[images * 3 * side * side], images, 3, side, side);
  }

  public List<RgbImage> pixels(Tensor images, PixelRounding rounding) {
    long[] shape = images.shape();
    List<RgbImage> out = new ArrayList<>();
    for (int i = 0; i < shape[0]; i++) {
      out.add(
          RgbImage.of((int) shape[3], (int) shape[2], new byte[(int) (3 * shape[2] * shape[3])]));
    }
    return out;
  }

  @Override
  public void close() {
    scope.close();
  }
}
