package io.tandem.kernel;

import java.util.Locale;

/** From bytes v to the range that a feature network takes. */
public enum Scaling {
  /** {@code (v - 128) / 128}, after the resize. */
  CENTRED,
  /** {@code v / 255} before the resize, {@code 2 x - 1} after it. */
  UNIT;

  String kernelName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
