package io.tandem.kernel;

import java.util.Locale;

/**
 * Ways to bring pictures of any size to the side that a feature network takes. Numbers stay floats;
 * pictures that are not square are squashed.
 */
public enum Resize {
  /**
   * TensorFlow 1's bilinear resize without {@code align_corners}: pixel i of S comes from {@code i
   * * length / S}, nothing is averaged where a picture shrinks. In the graph of the 2015 network,
   * torch-fidelity and NVIDIA's file.
   */
  TENSORFLOW_BILINEAR,
  /**
   * torch's bilinear interpolation: pixel i comes from {@code (i + 0.5) * length / S - 0.5},
   * nothing is averaged where a picture shrinks. In pytorch-fid.
   */
  TORCH_BILINEAR,
  /** The same with averages where a picture shrinks. In torchmetrics from 1.8 on. */
  TORCH_BILINEAR_ANTIALIASED,
  /**
   * Pillow's bicubic filter on single channels of floats, which averages where a picture shrinks;
   * clipped to [0, 255]. In clean-fid.
   */
  PILLOW_BICUBIC;

  String kernelName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
