package io.tandem.image;

import java.util.Optional;

/** Formats that pictures can be stored in. Thread-safe. */
public enum ImageCodec {
  /** Lossless; what the recipes for FID take. */
  PNG("png", "png"),
  /** A third of the bytes of PNG or less, with losses that FID sees. */
  JPEG("jpeg", "jpg"),
  /** Red, green and blue of each pixel, row by row from the top left, without a header. */
  RAW("raw", "rgb"),
  /** No picture at all, for measuring and for tokens alone. */
  NONE("", "");

  private final String format;
  private final String extension;

  ImageCodec(String format, String extension) {
    this.format = format;
    this.extension = extension;
  }

  /** Returns how tables name the format; empty if nothing is stored. */
  public Optional<String> format() {
    return this == NONE ? Optional.empty() : Optional.of(format);
  }

  /** Returns what names of such files end with, after the dot; nothing if nothing is stored. */
  public String extension() {
    return extension;
  }

  /** Returns the file of {@code image}, or empty if nothing is stored. */
  public Optional<byte[]> encode(RgbImage image) {
    return switch (this) {
      case PNG -> Optional.of(PngCodec.encode(image));
      case JPEG -> Optional.of(JpegCodec.encode(image));
      case RAW -> Optional.of(image.rgb());
      case NONE -> Optional.empty();
    };
  }
}
