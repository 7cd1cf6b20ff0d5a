package io.tandem.table;

import io.tandem.image.RgbImage;
import java.util.Arrays;

/**
 * Pictures of one size as plain bytes, in chunks that are small beside any heap. Filled by one
 * thread, then read by any number.
 */
final class PixelStore {

  private static final int CHUNK_BYTES = 1 << 24;

  private final int side;
  private final int pictureBytes;
  private final int chunkPictures;
  private final byte[][] chunks;
  private int size;

  /** Makes an empty store for {@code capacity} pictures, which takes memory as it is filled. */
  PixelStore(int side, int capacity) {
    this.side = side;
    pictureBytes = Math.toIntExact(bytes(side, 1));
    chunkPictures = Math.max(1, CHUNK_BYTES / pictureBytes);
    chunks = new byte[(int) (((long) capacity + chunkPictures - 1) / chunkPictures)][];
  }

  /** Returns the bytes that {@code pictures} pictures take. */
  static long bytes(int side, long pictures) {
    return Math.multiplyExact(3L * side * side, pictures);
  }

  /** Takes a picture of {@code side} x {@code side} pixels. */
  void add(RgbImage picture) {
    int chunk = size / chunkPictures;
    if (chunks[chunk] == null) {
      chunks[chunk] = new byte[chunkPictures * pictureBytes];
    }
    System.arraycopy(picture.rgb(), 0, chunks[chunk], offset(size), pictureBytes);
    size++;
  }

  /** Returns the picture that was added as number {@code slot}, the first is 0. */
  RgbImage picture(int slot) {
    int offset = offset(slot);
    byte[] chunk = chunks[slot / chunkPictures];
    return RgbImage.of(side, side, Arrays.copyOfRange(chunk, offset, offset + pictureBytes));
  }

  private int offset(int slot) {
    return slot % chunkPictures * pictureBytes;
  }
}
