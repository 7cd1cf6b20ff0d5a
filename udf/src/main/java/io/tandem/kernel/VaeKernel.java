package io.tandem.kernel;

import io.tandem.model.Precision;

/**
 * The tokeniser's convolutional networks ({@code vae.py} and {@code convolution.py}).
 *
 * <p>B images of height H and width W, S side of the feature map, Z code channels. Maps go in and
 * come out as float32; products are in the precision of the network. The results have the same bits
 * for any number of threads, and each image the same as in a batch of its own.
 */
public final class VaeKernel {

  private VaeKernel() {}

  /**
   * Returns a network without layers.
   *
   * @param side of the map that the network takes; other sides work, but slower
   */
  public static VaeNetwork network(
      NativeScope scope, Precision precision, Arithmetic arithmetic, int side) {
    boolean plain =
        arithmetic == Arithmetic.PLAIN || !scope.device().isCpu() || precision == Precision.FP16;
    return new VaeNetwork(
        scope,
        Kernels.call("vae_network")
            .with(plain ? 1 : 0)
            .with(precision.scalarType())
            .with(side)
            .run());
  }

  /** Appends a layer. The network keeps what it needs of {@code tensors}. */
  public static void append(VaeNetwork network, VaeLayer layer, TensorsByName tensors) {
    Kernels.call("vae_layer").with(network).with(layer.kernelName()).with(tensors).toNothing();
  }

  /** Returns the images of feature maps [B, Z, S, S]: [B, 3, H, W], in [0, 1]. */
  public static Tensor decode(NativeScope scope, VaeNetwork decoder, Tensor features) {
    return Kernels.call("vae_decode").with(decoder).with(features).toTensor(scope);
  }

  /** Returns the feature maps [B, Z, S, S] of images [B, 3, H, W] in [0, 1]. */
  public static Tensor encode(NativeScope scope, VaeNetwork encoder, Tensor images) {
    return Kernels.call("vae_encode").with(encoder).with(images).toTensor(scope);
  }

  /** Returns the bytes of the weights of {@code network} as they are prepared. */
  public static long weightBytes(VaeNetwork network) {
    return Kernels.call("vae_bytes").with(network).toLong();
  }
}
