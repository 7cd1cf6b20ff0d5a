package io.tandem.kernel;

import io.tandem.model.NumberFormat;
import java.nio.ByteBuffer;

/**
 * What pictures go through before a feature network ({@code preprocessing.py}).
 *
 * <p>B pictures of height H and width W, any; S the side that the network takes. A picture's values
 * have the same bits whichever pictures come with it. Thread-safe.
 */
public final class PreprocessingKernel {

  private PreprocessingKernel() {}

  /**
   * Returns pictures as the network takes them, float32 [B, 3, S, S].
   *
   * @param rgb uint8 [B, H, W, 3]
   * @param side S
   */
  public static Tensor planes(
      NativeScope scope, Tensor rgb, Resize resize, Scaling scaling, int side) {
    return Kernels.call("preprocessed")
        .with(rgb)
        .with(resize.kernelName())
        .with(scaling.kernelName())
        .with(side)
        .toTensor(scope);
  }

  /** Returns [B, H, W, 3] in any range, resized but not scaled: float32 [B, 3, S, S]. */
  static Tensor resized(NativeScope scope, Tensor pictures, Resize resize, int side) {
    return Kernels.call("resized")
        .with(pictures)
        .with(resize.kernelName())
        .with(side)
        .toTensor(scope);
  }

  /**
   * Returns the pictures of {@code rgb}, uint8 [B, H, W, 3], on the device of {@code scope}.
   *
   * @param rgb direct, red, green and blue of each pixel
   */
  public static Tensor bytes(NativeScope scope, ByteBuffer rgb, int height, int width) {
    int pictures = rgb.remaining() / (3 * height * width);
    return Tensor.of(scope, rgb, NumberFormat.UINT8, pictures, height, width, 3);
  }
}
