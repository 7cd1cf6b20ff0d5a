package io.tandem.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ImageCodecTest {

  private final RgbImage picture = gradient();

  @Test
  void pngAndRawLoseNothing() {
    byte[] png = ImageCodec.PNG.encode(picture).orElseThrow();
    byte[] raw = ImageCodec.RAW.encode(picture).orElseThrow();

    assertThat(ImageFile.decode(png, "png")).isEqualTo(picture);
    assertThat(RgbImage.of(32, 16, raw)).isEqualTo(picture);
  }

  @Test
  void jpegLosesLittle() {
    byte[] jpeg = ImageCodec.JPEG.encode(picture).orElseThrow();

    byte[] found = ImageFile.decode(jpeg, "jpeg").rgb();

    byte[] expected = picture.rgb();
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      sum += Math.abs((expected[i] & 0xff) - (found[i] & 0xff));
    }
    // quality 95 changes a smooth picture by about one step of 255
    assertThat(sum / expected.length).isLessThan(3);
    assertThat(jpeg.length).isLessThan(expected.length);
  }

  @Test
  void nothingIsNothing() {
    assertThat(ImageCodec.NONE.encode(picture)).isEmpty();
    assertThat(ImageCodec.NONE.format()).isEmpty();
    assertThat(ImageCodec.JPEG.format()).contains("jpeg");
    assertThat(ImageCodec.JPEG.extension()).isEqualTo("jpg");
  }

  private static RgbImage gradient() {
    byte[] rgb = new byte[3 * 32 * 16];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (8 * (i / 3 % 32) / (1 + i % 3) + i / 96);
    }
    return RgbImage.of(32, 16, rgb);
  }
}
