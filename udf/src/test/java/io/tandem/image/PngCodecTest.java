package io.tandem.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PngCodecTest {

  @ParameterizedTest
  @MethodSource("pictures")
  void keepsEveryPixel(RgbImage image) {
    assertThat(ImageFile.decode(PngCodec.encode(image), "round trip")).isEqualTo(image);
  }

  /** Checks the encoder with the JDK's colours, not only with the decoder beside it. */
  @ParameterizedTest
  @MethodSource("pictures")
  void showsTheSameColoursInOtherReaders(RgbImage image) throws IOException {
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(PngCodec.encode(image)));

    byte[] rgb = image.rgb();
    for (int i = 0; i < image.width() * image.height(); i++) {
      int colour = read.getRGB(i % image.width(), i / image.width());
      assertThat(new byte[] {(byte) (colour >> 16), (byte) (colour >> 8), (byte) colour})
          .containsExactly(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
    }
  }

  static Stream<RgbImage> pictures() {
    return Stream.of(
        Pictures.noise(1, 1, 1),
        Pictures.noise(1, 7, 2),
        Pictures.noise(64, 1, 3),
        Pictures.noise(33, 17, 4),
        Pictures.smooth(256, 256));
  }

  @Test
  void givesTheSameBytesForTheSamePixels() {
    assertThat(PngCodec.encode(Pictures.smooth(40, 30)))
        .isEqualTo(PngCodec.encode(Pictures.smooth(40, 30)));
  }

  @Test
  void shrinksSmoothPictures() {
    assertThat(PngCodec.encode(Pictures.smooth(256, 256))).hasSizeLessThan(3 * 256 * 256 / 4);
  }
}
