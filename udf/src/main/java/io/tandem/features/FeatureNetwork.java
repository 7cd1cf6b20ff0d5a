package io.tandem.features;

import static io.tandem.base.Checks.check;

import io.tandem.image.RgbImage;
import io.tandem.kernel.FeatureKernel;
import io.tandem.kernel.FeatureWeights;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.kernel.TensorsByName;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.weights.FeatureCheckpoint;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The demo's feature network: a small convolutional classifier whose averaged last map is the
 * feature vector.
 *
 * <p>Immutable and shared by threads. Whoever loads it closes it, after the last picture. B
 * pictures of side s, F features, K classes. About 0.07 GFLOP for a picture of 64 x 64 pixels.
 */
public final class FeatureNetwork implements AutoCloseable {

  /** Pictures that go through the network together. */
  private static final int BATCH = 32;

  private final NativeScope scope;
  private final FeatureConfig config;
  private final FeatureWeights weights;

  private FeatureNetwork(NativeScope scope, FeatureConfig config, FeatureWeights weights) {
    this.scope = scope;
    this.config = config;
    this.weights = weights;
  }

  /**
   * Loads a feature network; {@code source} stays open.
   *
   * @throws io.tandem.base.UserError if {@code source} is no feature network
   */
  public static FeatureNetwork load(WeightSource source, DeviceSpec device) {
    FeatureConfig config = FeatureCheckpoint.config(source);
    NativeScope scope = NativeScope.open(device);
    try (NativeScope reading = NativeScope.open(device)) {
      TensorsByName tensors = TensorsByName.in(reading);
      for (String name : source.names()) {
        TensorSpec spec = source.spec(name);
        tensors.put(name, source.read(name), spec.format(), spec.sizes());
      }
      return new FeatureNetwork(scope, config, FeatureKernel.prepare(scope, tensors));
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  /** Returns the architecture. */
  public FeatureConfig config() {
    return config;
  }

  /**
   * Returns features [B, F] and logits [B, K] of {@code pictures}. On a processor a picture's row
   * has the same bits whichever pictures come with it.
   *
   * @param pictures square, all of the same side, a multiple of {@link
   *     FeatureConfig#PIXEL_MULTIPLE}
   * @throws io.tandem.base.UserError if they are not
   */
  public FeatureRows rows(List<RgbImage> pictures) {
    checkSizes(pictures);
    List<float[]> features = new ArrayList<>();
    List<float[]> logits = new ArrayList<>();
    for (int from = 0; from < pictures.size(); from += BATCH) {
      List<RgbImage> batch = pictures.subList(from, Math.min(from + BATCH, pictures.size()));
      try (NativeScope batchScope = NativeScope.open(scope.device())) {
        FeatureKernel.Rows rows =
            FeatureKernel.rows(batchScope, weights, tensor(batchScope, batch));
        split(rows.features(), batch.size(), features);
        split(rows.logits(), batch.size(), logits);
      }
    }
    return FeatureRows.of(features.toArray(float[][]::new), logits.toArray(float[][]::new));
  }

  private static void checkSizes(List<RgbImage> pictures) {
    for (int i = 0; i < pictures.size(); i++) {
      RgbImage picture = pictures.get(i);
      check(
          picture.width() == picture.height()
              && picture.width() % FeatureConfig.PIXEL_MULTIPLE == 0,
          "Cannot compute features of picture %d: it has %s (square, of a side that is a multiple"
              + " of %d)",
          i + 1,
          picture,
          FeatureConfig.PIXEL_MULTIPLE);
      check(
          picture.width() == pictures.get(0).width(),
          "Cannot compute features of picture %d: it has %s, the first one %s (all of one size)",
          i + 1,
          picture,
          pictures.get(0));
    }
  }

  /** Returns the pixels [B, 3, s, s] in [0, 1]. */
  private static Tensor tensor(NativeScope scope, List<RgbImage> batch) {
    int side = batch.get(0).width();
    int numbers = 3 * side * side;
    float[] planes = new float[batch.size() * numbers];
    for (int i = 0; i < batch.size(); i++) {
      System.arraycopy(batch.get(i).toPlanes(), 0, planes, i * numbers, numbers);
    }
    return scope.floats(planes, batch.size(), 3, side, side);
  }

  private static void split(Tensor tensor, int rows, List<float[]> target) {
    float[] numbers = tensor.toFloats();
    int width = numbers.length / rows;
    for (int row = 0; row < rows; row++) {
      target.add(Arrays.copyOfRange(numbers, row * width, (row + 1) * width));
    }
  }

  /** Frees the weights. */
  @Override
  public void close() {
    scope.close();
  }
}
