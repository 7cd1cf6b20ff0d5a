package io.tandem.kernel;

import io.tandem.model.Precision;
import java.util.List;

/**
 * The network behind FID, Inception v3 of 2015-12-05 ({@code inception.py}).
 *
 * <p>B pictures. Everything is float32, also on GPUs that would round products to TF32. Scopes own
 * what the calls return. Thread-safe.
 *
 * @see <a href="https://github.com/mseitzer/pytorch-fid/blob/b9c1811/src/pytorch_fid/inception.py">
 *     pytorch-fid, fid_inception_v3; pooled branches are averaged after their convolution here,
 *     which gives the same sums</a>
 */
public final class InceptionKernel {

  /** Side of the pictures that the network takes, in pixels. */
  public static final int SIDE = 299;

  /** Numbers in a feature vector: {@code pool_3:0}. */
  public static final int FEATURES = 2048;

  /** Numbers in the tap of sFID: the first 7 channels of {@code mixed_6/conv:0}. */
  public static final int SPATIAL = 17 * 17 * 7;

  /** Outputs of the classifier, of which about 1001 are classes. */
  public static final int CLASSES = 1008;

  private InceptionKernel() {}

  /**
   * What the network says about pictures.
   *
   * @param features [B, 2048], none negative
   * @param spatial [B, 2023], number {@code (row * 17 + column) * 7 + channel}
   * @param logits [B, 1008], without the classifier's bias
   */
  public record Rows(Tensor features, Tensor spatial, Tensor logits) {}

  /**
   * Returns the network of {@code tensors}, which have torchvision's names and any float format.
   *
   * @param layout of the maps; a GPU computes all of them alike
   * @param images pictures that go through the network together, at least 1: a picture's row does
   *     not depend on how many come with it, but its last bits may depend on this number
   */
  public static InceptionWeights prepare(
      NativeScope scope, TensorsByName tensors, MapLayout layout, int images) {
    MapLayout possible = scope.device().isCpu() ? layout : MapLayout.PLAIN;
    return new InceptionWeights(
        scope,
        Kernels.call("inception")
            .with(tensors)
            .with(possible.kernelName())
            .with(images)
            .with(Precision.FP32.scalarType())
            .run());
  }

  /** Returns what the network says about {@code planes}, [B, 3, 299, 299], scaled. */
  public static Rows rows(NativeScope scope, InceptionWeights weights, Tensor planes) {
    List<Tensor> rows = Kernels.call("inception_rows").with(weights).with(planes).toTensors(scope);
    return new Rows(rows.get(0), rows.get(1), rows.get(2));
  }

  /**
   * Returns the averaged maps before the last ones, [B, 64], [B, 192] and [B, 768], which some
   * tools offer for few pictures. Their distances compare with nothing else.
   *
   * @param planes [B, 3, 299, 299], scaled, where B is the number that the weights were prepared
   *     for
   */
  public static List<Tensor> lowerFeatures(
      NativeScope scope, InceptionWeights weights, Tensor planes) {
    return Kernels.call("inception_lower_features").with(weights).with(planes).toTensors(scope);
  }
}
