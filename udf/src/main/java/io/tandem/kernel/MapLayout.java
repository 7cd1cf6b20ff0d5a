package io.tandem.kernel;

import java.util.Locale;

/** How the maps of {@link InceptionKernel} lie in memory. The results agree up to rounding. */
public enum MapLayout {
  /** Channels innermost; weights are prepacked by oneDNN. Processors only. */
  CHANNELS_LAST,
  /**
   * One plane per channel, which oneDNN turns into blocks of channels and back at each layer;
   * weights are prepacked. Processors only.
   */
  PLANAR,
  /** One plane per channel; libtorch chooses the way, as it does in the public Python tools. */
  PLAIN;

  String kernelName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
