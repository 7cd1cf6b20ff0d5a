package io.tandem.generate;

import java.util.List;

/**
 * The tokens of one image as tables keep them and digests see them: 16 bits each, little-endian,
 * coarse to fine, row-major within a scale.
 */
public final class TokenBytes {

  private TokenBytes() {}

  /**
   * Returns the bytes of one image of a batch.
   *
   * @param maps token maps by scale, B x l ids each, row-major
   * @param images number of images, B
   * @param image which of them
   * @throws IllegalArgumentException if an id has more than 16 bits
   */
  public static byte[] of(List<long[]> maps, int images, int image) {
    int tokens = maps.stream().mapToInt(map -> map.length / images).sum();
    byte[] bytes = new byte[2 * tokens];
    int at = 0;
    for (long[] map : maps) {
      int length = map.length / images;
      for (int i = image * length; i < (image + 1) * length; i++) {
        if (map[i] >>> 16 != 0) {
          throw new IllegalArgumentException("Cannot store token " + map[i] + " in 16 bits");
        }
        bytes[at++] = (byte) map[i];
        bytes[at++] = (byte) (map[i] >> 8);
      }
    }
    return bytes;
  }
}
