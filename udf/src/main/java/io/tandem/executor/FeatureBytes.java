package io.tandem.executor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Vectors as tables hold them: float32, little-endian. */
final class FeatureBytes {

  private FeatureBytes() {}

  /**
   * Returns the bytes of {@code numbers}.
   *
   * @param what messages call them
   * @throws UnusablePicturesException if one is not finite
   */
  static byte[] of(long sample, String what, float[] numbers) {
    ByteBuffer bytes =
        ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < numbers.length; i++) {
      if (!Float.isFinite(numbers[i])) {
        throw new UnusablePicturesException(
            ("Cannot use the %s of sample %d: number %d is %s (finite). Check the pictures and the"
                    + " weights of the feature network.")
                .formatted(what, sample, i, numbers[i]));
      }
      bytes.putFloat(numbers[i]);
    }
    return bytes.array();
  }
}
