package io.tandem.train;

/** The binary16 format of IEEE 754, in which the demo pack stores its weights. */
final class HalfFloat {

  private static final int EXPONENT_BIAS = 15;
  private static final int FRACTION_BITS = 10;

  private HalfFloat() {}

  /** Returns the number that {@code bits} stand for. */
  static float toFloat(short bits) {
    int exponent = bits >> FRACTION_BITS & 0x1f;
    int fraction = bits & 0x3ff;
    float magnitude;
    if (exponent == 0x1f) {
      magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else if (exponent == 0) {
      magnitude = Math.scalb((float) fraction, 1 - EXPONENT_BIAS - FRACTION_BITS);
    } else {
      magnitude =
          Math.scalb(
              (float) (fraction | 1 << FRACTION_BITS), exponent - EXPONENT_BIAS - FRACTION_BITS);
    }
    return bits < 0 ? -magnitude : magnitude;
  }

  /** Returns the bits of the nearest number, ties to even; too large ones become infinite. */
  static short of(float number) {
    int sign = Float.floatToRawIntBits(number) >>> 16 & 0x8000;
    float magnitude = Math.abs(number);
    if (Float.isNaN(number)) {
      return (short) (sign | 0x7e00);
    }
    int exponent = Math.max(Math.getExponent(magnitude), 1 - EXPONENT_BIAS);
    // Exact: a power of two times a float.
    double units = Math.scalb((double) magnitude, FRACTION_BITS - exponent);
    long fraction = (long) Math.rint(Math.min(units, 2 << FRACTION_BITS));
    // A fraction that rounds up to the next power of two carries into the exponent by itself.
    long bits = ((long) (exponent + EXPONENT_BIAS - 1) << FRACTION_BITS) + fraction;
    return (short) (sign | (int) Math.min(bits, 0x7c00));
  }
}
