package io.tandem.image;

/** How a decoded value in [0, 1] becomes one of 256 steps. Values outside are clamped. */
public enum PixelRounding {
  /** To the nearest step: {@code floor(255 x + 0.5)}. */
  NEAREST(0.5f),
  /** Down, as the public scripts of VAR and CoDe do it: {@code floor(255 x)}. */
  TRUNCATE(0);

  private final float offset;

  PixelRounding(float offset) {
    this.offset = offset;
  }

  /**
   * Returns the step of {@code value}, to be read as unsigned.
   *
   * @throws IllegalArgumentException if the value is not a number, which a healthy decoder never
   *     makes
   */
  public byte of(float value) {
    if (Float.isNaN(value)) {
      throw new IllegalArgumentException("Cannot round a pixel: its value is not a number");
    }
    return (byte) Math.max(0, Math.min(255, (int) (255 * value + offset)));
  }
}
