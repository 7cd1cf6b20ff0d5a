package io.tandem.kernel;

import java.util.Locale;

/**
 * Layers that the tokeniser's networks are made of, each with its tensors by name.
 *
 * @see <a href="https://github.com/FoundationVision/VAR/blob/78b9539/models/basic_vae.py">Encoder
 *     and Decoder</a>
 */
public enum VaeLayer {
  /** A 3x3 convolution: {@code conv}. */
  CONVOLUTION,
  /**
   * Twice normalisation, SiLU and a 3x3 convolution, added to the input: {@code norm1}, {@code
   * conv1}, {@code norm2}, {@code conv2}, and where the channels change {@code nin_shortcut}.
   */
  RESIDUAL,
  /**
   * Self-attention of one head, added to the input: {@code norm}, {@code qkv}, {@code proj_out}.
   */
  ATTENTION,
  /** Nearest neighbours to twice the side, then a 3x3 convolution: {@code conv}. */
  UPSAMPLING,
  /** A 3x3 convolution of stride 2, padded right and below: {@code conv}. */
  DOWNSAMPLING,
  /** Normalisation, SiLU and a 3x3 convolution: {@code norm}, {@code conv}. */
  OUTPUT;

  String kernelName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
