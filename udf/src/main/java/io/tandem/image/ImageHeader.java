package io.tandem.image;

import io.tandem.base.UserError;
import java.nio.ByteBuffer;

/**
 * What a PNG or JPEG file says of its picture before a pixel is decoded.
 *
 * @param format {@code png} or {@code jpeg}
 * @param width pixels in a row, as stated; it may be far more than anybody can hold
 * @param height rows of pixels, likewise
 * @param colours what a pixel is made of
 */
public record ImageHeader(String format, long width, long height, Colours colours) {

  /** What a pixel is made of. */
  public enum Colours {
    /** Red, green and blue of 8 bits. */
    RGB("8-bit RGB"),
    /** One channel. */
    GREY("grey"),
    /** Some kind of colours and how opaque they are. */
    ALPHA("with alpha"),
    /** Channels of more than 8 bits. */
    DEEP("of 16 bits per channel"),
    /** Four channels of ink. */
    INKS("CMYK");

    private final String words;

    Colours(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  private static final int PNG_START = 0x89504e47;
  private static final int PNG_HEADER = 8;
  private static final int IHDR = 0x49484452;
  private static final int TRNS = 0x74524e53;
  private static final int IDAT = 0x49444154;
  private static final int CHUNK = 12;

  /**
   * Reads the header of {@code bytes}.
   *
   * @param name what messages call the picture
   * @throws UserError if it is neither PNG nor JPEG, or ends before its size is told
   */
  public static ImageHeader of(byte[] bytes, String name) {
    ByteBuffer file = ByteBuffer.wrap(bytes);
    if (bytes.length >= 4 && file.getInt(0) == PNG_START) {
      return ofPng(file, name);
    }
    if (bytes.length >= 3 && file.getShort(0) == (short) 0xffd8 && bytes[2] == (byte) 0xff) {
      return ofJpeg(file, name);
    }
    throw UserError.of("Cannot read picture '%s': it is neither PNG nor JPEG", name);
  }

  private static ImageHeader ofPng(ByteBuffer file, String name) {
    if (file.limit() < PNG_HEADER + CHUNK + 13 || file.getInt(PNG_HEADER + 4) != IHDR) {
      throw cut(name);
    }
    long width = Integer.toUnsignedLong(file.getInt(PNG_HEADER + 8));
    long height = Integer.toUnsignedLong(file.getInt(PNG_HEADER + 12));
    int bits = file.get(PNG_HEADER + 16);
    int type = file.get(PNG_HEADER + 17);
    Colours colours =
        (type & 4) != 0 || hasTransparency(file)
            ? Colours.ALPHA
            : type == 0 ? Colours.GREY : bits > 8 ? Colours.DEEP : Colours.RGB;
    return new ImageHeader("png", width, height, colours);
  }

  /** Looks for a chunk {@code tRNS} before the pixels. */
  private static boolean hasTransparency(ByteBuffer file) {
    long at = PNG_HEADER;
    while (at + CHUNK <= file.limit()) {
      int type = file.getInt((int) at + 4);
      if (type == TRNS || type == IDAT) {
        return type == TRNS;
      }
      at += CHUNK + Integer.toUnsignedLong(file.getInt((int) at));
    }
    return false;
  }

  private static ImageHeader ofJpeg(ByteBuffer file, String name) {
    int at = 2;
    while (at + 10 <= file.limit()) {
      int marker = file.get(at + 1) & 0xff;
      if (marker == 0xff) { // fill bytes
        at++;
        continue;
      }
      boolean isFrame =
          marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
      if ((file.get(at) & 0xff) != 0xff) {
        throw cut(name);
      }
      if (isFrame) {
        int channels = file.get(at + 9);
        return new ImageHeader(
            "jpeg",
            Short.toUnsignedInt(file.getShort(at + 7)),
            Short.toUnsignedInt(file.getShort(at + 5)),
            channels == 1 ? Colours.GREY : channels == 3 ? Colours.RGB : Colours.INKS);
      }
      at += 2 + Short.toUnsignedInt(file.getShort(at + 2));
    }
    throw cut(name);
  }

  private static UserError cut(String name) {
    return UserError.of("Cannot read picture '%s': it ends before its size is told", name);
  }
}
