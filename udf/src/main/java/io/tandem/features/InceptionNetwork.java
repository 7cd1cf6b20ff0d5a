package io.tandem.features;

import static io.tandem.base.Checks.check;

import io.tandem.image.RgbImage;
import io.tandem.kernel.InceptionKernel;
import io.tandem.kernel.InceptionWeights;
import io.tandem.kernel.MapLayout;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.PreprocessingKernel;
import io.tandem.kernel.Resize;
import io.tandem.kernel.Tensor;
import io.tandem.model.DeviceSpec;
import io.tandem.weights.InceptionCheckpoint;
import io.tandem.weights.WeightSource;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The network behind FID, Inception v3 of 2015-12-05, with the preprocessing of one tool.
 *
 * <p>Immutable and shared by threads. About 11.4 GFLOP for a picture of any size.
 */
public final class InceptionNetwork implements FeatureExtractor {

  private static final String NAME = "Inception v3 of 2015-12-05";

  /**
   * How the network is computed.
   *
   * @param layout of its maps
   * @param batchSize pictures that go through it together, at least 1
   */
  public record Execution(MapLayout layout, int batchSize) {

    private static final Execution PROCESSOR = new Execution(MapLayout.CHANNELS_LAST, 8);
    private static final Execution GPU = new Execution(MapLayout.PLAIN, 64);

    public Execution {
      check(batchSize > 0, "Cannot use batches of %d pictures (at least 1)", batchSize);
    }

    /** Returns what evaluations use: a picture's last bits depend on it, so it is fixed. */
    public static Execution standard(DeviceSpec device) {
      return device.isCpu() ? PROCESSOR : GPU;
    }
  }

  private final NativeScope scope;
  private final InceptionWeights weights;
  private final Resize resize;
  private final Execution execution;
  private final FeatureIdentity identity;

  private InceptionNetwork(
      NativeScope scope,
      InceptionWeights weights,
      Resize resize,
      Execution execution,
      FeatureIdentity identity) {
    this.scope = scope;
    this.weights = weights;
    this.resize = resize;
    this.execution = execution;
    this.identity = identity;
  }

  /**
   * Loads the network; {@code source} stays open.
   *
   * @param profile any but {@link Profile#DEMO}
   * @throws io.tandem.base.UserError if {@code source} does not hold it
   */
  public static InceptionNetwork load(WeightSource source, Profile profile, DeviceSpec device) {
    return load(source, profile, device, Execution.standard(device));
  }

  /** Loads the network to be computed in another way. */
  public static InceptionNetwork load(
      WeightSource source, Profile profile, DeviceSpec device, Execution execution) {
    Resize resize =
        profile
            .resize()
            .orElseThrow(() -> new IllegalArgumentException("No resize in profile " + profile));
    // A view: the caller closes what is behind it.
    WeightSource tensors = InceptionCheckpoint.canonical(source);
    FeatureIdentity identity = identity(source, profile);
    NativeScope scope = NativeScope.open(device);
    try (NativeScope reading = NativeScope.open(device)) {
      InceptionWeights weights =
          InceptionKernel.prepare(
              scope, Tensors.of(reading, tensors), execution.layout, execution.batchSize);
      return new InceptionNetwork(scope, weights, resize, execution, identity);
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  static FeatureIdentity identity(WeightSource source, Profile profile) {
    String sha256 = InceptionCheckpoint.canonical(source).sha256();
    return new FeatureIdentity(NAME, sha256, profile, InceptionKernel.FEATURES);
  }

  @Override
  public FeatureIdentity identity() {
    return identity;
  }

  @Override
  public int spatialDimension() {
    return InceptionKernel.SPATIAL;
  }

  @Override
  public int classes() {
    return InceptionKernel.CLASSES;
  }

  @Override
  public int batchSize() {
    return execution.batchSize;
  }

  @Override
  public FeatureRows rows(List<RgbImage> pictures) {
    checkSizes(pictures);
    FeatureRows.Builder rows = new FeatureRows.Builder();
    for (int from = 0; from < pictures.size(); from += execution.batchSize) {
      int to = Math.min(from + execution.batchSize, pictures.size());
      List<RgbImage> batch = pictures.subList(from, to);
      try (NativeScope batchScope = NativeScope.open(scope.device())) {
        Tensor planes =
            PreprocessingKernel.planes(
                batchScope,
                bytes(batchScope, batch),
                resize,
                identity.profile().scaling(),
                InceptionKernel.SIDE);
        InceptionKernel.Rows numbers = InceptionKernel.rows(batchScope, weights, planes);
        rows.add(batch.size(), numbers.features(), numbers.logits());
        rows.addSpatial(batch.size(), numbers.spatial());
      }
    }
    return rows.build();
  }

  private static void checkSizes(List<RgbImage> pictures) {
    for (int i = 0; i < pictures.size(); i++) {
      RgbImage picture = pictures.get(i);
      check(
          picture.width() == picture.height(),
          "Cannot compute features of picture %d: it has %s (square: others would be squashed)."
              + " Crop the pictures first.",
          i + 1,
          picture);
      check(
          picture.width() == pictures.get(0).width(),
          "Cannot compute features of picture %d: it has %s, the first one %s (all of one size)",
          i + 1,
          picture,
          pictures.get(0));
    }
  }

  private static Tensor bytes(NativeScope scope, List<RgbImage> batch) {
    int side = batch.get(0).width();
    ByteBuffer rgb = ByteBuffer.allocateDirect(3 * side * side * batch.size());
    batch.forEach(picture -> rgb.put(picture.rgb()));
    return PreprocessingKernel.bytes(scope, rgb.flip(), side, side);
  }

  @Override
  public void close() {
    scope.close();
  }
}
