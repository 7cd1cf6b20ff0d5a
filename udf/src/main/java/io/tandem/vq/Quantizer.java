package io.tandem.vq;

import io.tandem.kernel.NativeScope;
import io.tandem.kernel.QuantizerKernel;
import io.tandem.kernel.QuantizerWeights;
import io.tandem.kernel.Tensor;
import io.tandem.kernel.TensorsByName;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Codebook, residual convolutions and resizing matrices of one tokeniser and schedule.
 *
 * <p>Immutable and shared by threads; its tensors belong to the scope it was made in.
 */
final class Quantizer {

  private final VqConfig config;
  private final ScaleSchedule schedule;
  private final QuantizerWeights weights;
  private final List<Tensor> up = new ArrayList<>();
  private final List<Tensor> down = new ArrayList<>();

  /**
   * Makes the quantiser in {@code scope}.
   *
   * @param tensors the tokeniser's by official name
   */
  Quantizer(NativeScope scope, VqConfig config, ScaleSchedule schedule, TensorsByName tensors) {
    this.config = config;
    this.schedule = schedule;
    this.weights = QuantizerKernel.prepare(scope, tensors, config.residualConvolutions());
    int finest = schedule.finestSide();
    for (int side : schedule.sides()) {
      up.add(scope.floats(floats(Interpolation.bicubic(side, finest)), finest, side));
      down.add(scope.floats(floats(Interpolation.area(finest, side)), side, finest));
    }
  }

  private static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  ScaleSchedule schedule() {
    return schedule;
  }

  /** Returns a feature map of zeros, [B, Z, S, S], for B images. */
  Tensor zeros(NativeScope batch, int images) {
    int side = schedule.finestSide();
    int channels = config.codeChannels();
    return batch.floats(new float[images * channels * side * side], images, channels, side, side);
  }

  /** Adds {@code factor} times what {@code tokens}, int64 [B, s * s], stand for, in place. */
  void add(NativeScope batch, Tensor features, Tensor tokens, int scale, double factor) {
    int convolution = schedule.residualConvolution(scale, config.residualConvolutions());
    try (Tensor contribution =
        QuantizerKernel.contribution(batch, weights, tokens, up.get(scale), convolution)) {
      QuantizerKernel.addInPlace(features, contribution, factor);
    }
  }

  /** Returns what {@code scale} starts from, [B, s * s, Z]. */
  Tensor input(NativeScope batch, Tensor features, int scale) {
    return QuantizerKernel.nextInput(batch, features, down.get(scale));
  }

  /**
   * Returns the token maps, int64 [B, s * s] each, that approximate {@code features} [B, Z, S, S],
   * which is changed in place to what they leave over.
   *
   * @see <a href="https://github.com/FoundationVision/VAR/blob/78b9539/models/quant.py">
   *     VectorQuantizer2.f_to_idxBl_or_fhat</a>
   */
  List<Tensor> encode(NativeScope batch, Tensor features) {
    List<Tensor> tokens = new ArrayList<>();
    for (int scale = 0; scale < schedule.scales(); scale++) {
      Tensor map = QuantizerKernel.nearest(batch, weights, features, down.get(scale));
      add(batch, features, map, scale, -1);
      tokens.add(map);
    }
    return tokens;
  }
}
