package io.tandem.image;

import io.tandem.base.UserError;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads pictures from PNG and JPEG files that nobody vouches for.
 *
 * <p>The size that a file states is checked before anything is decoded. Samples are taken as
 * stored, without colour management: grey becomes three equal channels, alpha is dropped, and of 16
 * bits the upper eight remain.
 */
public final class ImageFile {

  /** Bytes that a file may have at most: those of the largest picture, not compressed. */
  public static final long MAX_BYTES = 3L * RgbImage.MAX_PIXELS;

  private ImageFile() {}

  /**
   * Returns the picture in {@code file}.
   *
   * @throws UserError if the file cannot be read, is neither PNG nor JPEG, is damaged or too large
   */
  public static RgbImage read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw UserError.of(
          "Cannot read picture '%s': %s (a PNG or JPEG file is needed)",
          file, Files.isDirectory(file) ? "it is a directory" : "there is no such file");
    }
    byte[] bytes;
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw UserError.of(
            "Cannot read picture '%s': it has %d bytes (at most %d)", file, size, MAX_BYTES);
      }
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read picture '%s': %s", file, e);
    }
    return decode(bytes, file.toString());
  }

  /**
   * Returns the picture that {@code bytes} hold.
   *
   * @param name what messages call it
   * @throws UserError if it is neither PNG nor JPEG, is damaged or too large
   */
  public static RgbImage decode(byte[] bytes, String name) {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format(bytes, name)).next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      // Metadata is skipped: text and colour profiles may inflate to any size.
      reader.setInput(in, true, true);
      long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
      if (pixels > RgbImage.MAX_PIXELS) {
        throw UserError.of(
            "Cannot read picture '%s': it has %d x %d pixels (at most %d in all)",
            name, reader.getWidth(0), reader.getHeight(0), RgbImage.MAX_PIXELS);
      }
      return copied(reader.read(0));
    } catch (UserError e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The readers of the JDK answer damaged files with exceptions of many kinds.
      throw UserError.because(e, "Cannot read picture '%s': it is damaged (%s)", name, e);
    } finally {
      reader.dispose();
    }
  }

  private static String format(byte[] bytes, String name) {
    if (startsWith(bytes, 0x89, 'P', 'N', 'G')) {
      return "png";
    }
    if (startsWith(bytes, 0xff, 0xd8, 0xff)) {
      return "jpeg";
    }
    throw UserError.of("Cannot read picture '%s': it is neither PNG nor JPEG", name);
  }

  private static boolean startsWith(byte[] bytes, int... start) {
    for (int i = 0; i < start.length; i++) {
      if (bytes.length <= i || (bytes[i] & 0xff) != start[i]) {
        return false;
      }
    }
    return true;
  }

  private static RgbImage copied(BufferedImage image) {
    Raster raster = image.getRaster();
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[width * raster.getNumBands()];
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        for (int channel = 0; channel < 3; channel++) {
          rgb[3 * (y * width + x) + channel] = (byte) sample(image, row, x, channel);
        }
      }
    }
    return RgbImage.owning(width, height, rgb);
  }

  private static int sample(BufferedImage image, int[] row, int x, int channel) {
    if (image.getColorModel() instanceof IndexColorModel palette) {
      return palette.getRGB(row[x]) >> (16 - 8 * channel);
    }
    int bands = image.getRaster().getNumBands();
    int band = bands < 3 ? 0 : channel;
    int bits = image.getSampleModel().getSampleSize(band);
    int value = row[x * bands + band];
    return bits > 8 ? value >> (bits - 8) : value * 255 / ((1 << bits) - 1);
  }
}
