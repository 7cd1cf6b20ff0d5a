package io.tandem.features;

import static io.tandem.base.Checks.check;

import io.tandem.image.RgbImage;
import io.tandem.kernel.FeatureKernel;
import io.tandem.kernel.FeatureWeights;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.weights.FeatureCheckpoint;
import io.tandem.weights.WeightSource;
import java.util.List;

/**
 * The demo's feature network: a small convolutional classifier whose averaged last map is the
 * feature vector.
 *
 * <p>Immutable and shared by threads. Whoever loads it closes it, after the last picture. B
 * pictures of side s, F features, K classes. About 0.07 GFLOP for a picture of 64 x 64 pixels.
 */
public final class FeatureNetwork implements FeatureExtractor {

  private static final String NAME = "the demo's feature network";

  /** Pictures that go through the network together. */
  private static final int BATCH = 32;

  private final NativeScope scope;
  private final FeatureConfig config;
  private final FeatureWeights weights;
  private final FeatureIdentity identity;

  private FeatureNetwork(
      NativeScope scope, FeatureConfig config, FeatureWeights weights, FeatureIdentity identity) {
    this.scope = scope;
    this.config = config;
    this.weights = weights;
    this.identity = identity;
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
      FeatureWeights weights = FeatureKernel.prepare(scope, Tensors.of(reading, source));
      return new FeatureNetwork(scope, config, weights, identity(source));
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  static FeatureIdentity identity(WeightSource source) {
    FeatureConfig config = FeatureCheckpoint.config(source);
    return new FeatureIdentity(NAME, source.sha256(), Profile.DEMO, config.features());
  }

  /** Returns the architecture. */
  public FeatureConfig config() {
    return config;
  }

  @Override
  public FeatureIdentity identity() {
    return identity;
  }

  @Override
  public int spatialDimension() {
    return 0;
  }

  @Override
  public int classes() {
    return config.classes();
  }

  @Override
  public int batchSize() {
    return BATCH;
  }

  /**
   * Returns features [B, F] and logits [B, K] of {@code pictures}. On a processor a picture's row
   * has the same bits whichever pictures come with it.
   *
   * @param pictures square, all of the same side, a multiple of {@link
   *     FeatureConfig#PIXEL_MULTIPLE}
   * @throws io.tandem.base.UserError if they are not
   */
  @Override
  public FeatureRows rows(List<RgbImage> pictures) {
    checkSizes(pictures);
    FeatureRows.Builder all = new FeatureRows.Builder();
    for (int from = 0; from < pictures.size(); from += BATCH) {
      List<RgbImage> batch = pictures.subList(from, Math.min(from + BATCH, pictures.size()));
      try (NativeScope batchScope = NativeScope.open(scope.device())) {
        FeatureKernel.Rows rows =
            FeatureKernel.rows(batchScope, weights, tensor(batchScope, batch));
        all.add(batch.size(), rows.features(), rows.logits());
      }
    }
    return all.build();
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

  @Override
  public void close() {
    scope.close();
  }
}
