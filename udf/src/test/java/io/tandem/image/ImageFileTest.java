package io.tandem.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFileTest {

  @TempDir Path folder;

  @Test
  void readsPngFromAFile() throws IOException {
    RgbImage image = Pictures.smooth(30, 20);
    Path file = Files.write(folder.resolve("smooth.png"), PngCodec.encode(image));

    assertThat(ImageFile.read(file)).isEqualTo(image);
  }

  @Test
  void readsJpegWithItsLosses() throws IOException {
    RgbImage image = RgbImage.ofPlanes(planesOf(0.8f, 0.4f, 0.2f), 16, 16, PixelRounding.NEAREST);

    RgbImage read = ImageFile.decode(written(image, BufferedImage.TYPE_INT_RGB, "jpeg"), "a.jpg");

    // A uniform colour loses only by rounding on the way to YCbCr and back.
    float[] planes = read.toPlanes();
    assertThat(planes[0]).isCloseTo(0.8f, within(0.02f));
    assertThat(planes[256]).isCloseTo(0.4f, within(0.02f));
    assertThat(planes[512]).isCloseTo(0.2f, within(0.02f));
  }

  @Test
  void dropsAlphaAndKeepsTheColoursBelow() throws IOException {
    BufferedImage translucent = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
    translucent.setRGB(0, 0, 0x33804020);

    RgbImage read = ImageFile.decode(written(translucent, "png"), "a.png");

    assertThat(read.rgb()).containsExactly((byte) 0x80, 0x40, 0x20);
  }

  @Test
  void takesGreyAsStored() throws IOException {
    BufferedImage grey = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(0, 0, 0, 100);

    assertThat(ImageFile.decode(written(grey, "png"), "a.png").rgb())
        .containsExactly(100, 100, 100);
  }

  @Test
  void takesTheUpperByteOfSixteenBits() throws IOException {
    BufferedImage grey = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
    grey.getRaster().setSample(0, 0, 0, 0x12ff);

    assertThat(ImageFile.decode(written(grey, "png"), "a.png").rgb())
        .containsExactly(0x12, 0x12, 0x12);
  }

  @Test
  void looksPaletteColoursUp() throws IOException {
    BufferedImage binary = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
    binary.setRGB(1, 0, 0xffffff);

    assertThat(ImageFile.decode(written(binary, "png"), "a.png").rgb())
        .containsExactly(0, 0, 0, -1, -1, -1);
  }

  /** The header of a picture of 4 billion pixels, in a file of 60 bytes. */
  @Test
  void refusesAHugePictureBeforeDecodingIt() {
    byte[] png = PngCodec.encode(Pictures.noise(1, 1, 1));
    ByteBuffer file = ByteBuffer.wrap(png);
    file.putInt(16, 65536).putInt(20, 65536);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    file.putInt(29, (int) crc.getValue());

    assertThatThrownBy(() -> ImageFile.decode(png, "bomb.png"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read picture 'bomb.png': it has 65536 x 65536 pixels (at most 67108864 in"
                + " all)");
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 20, 33, 60, 200})
  void refusesATruncatedFile(int bytes) {
    byte[] png = Arrays.copyOf(PngCodec.encode(Pictures.noise(9, 9, 1)), bytes);

    assertThatThrownBy(() -> ImageFile.decode(png, "cut.png"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("Cannot read picture 'cut.png': it is damaged (");
  }

  @Test
  void refusesOtherFormats() {
    assertThatThrownBy(() -> ImageFile.decode(new byte[] {'G', 'I', 'F'}, "a.gif"))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read picture 'a.gif': it is neither PNG nor JPEG");
  }

  @Test
  void refusesAMissingFileAndADirectory() {
    assertThatThrownBy(() -> ImageFile.read(Path.of("none.png")))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read picture 'none.png': there is no such file (a PNG or JPEG file is"
                + " needed)");
    assertThatThrownBy(() -> ImageFile.read(folder))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read picture '%s': it is a directory (a PNG or JPEG file is needed)", folder);
  }

  private static FloatBuffer planesOf(float... colour) {
    FloatBuffer planes = FloatBuffer.allocate(3 * 256);
    for (float value : colour) {
      for (int i = 0; i < 256; i++) {
        planes.put(value);
      }
    }
    return planes.flip();
  }

  private static byte[] written(RgbImage image, int type, String format) throws IOException {
    BufferedImage buffered = new BufferedImage(image.width(), image.height(), type);
    byte[] rgb = image.rgb();
    for (int i = 0; i < image.width() * image.height(); i++) {
      int colour = (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | rgb[3 * i + 2] & 255;
      buffered.setRGB(i % image.width(), i / image.width(), colour);
    }
    return written(buffered, format);
  }

  private static byte[] written(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }
}
