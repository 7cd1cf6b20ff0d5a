package io.tandem.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.image.ImageHeader.Colours;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageHeaderTest {

  private static byte[] file(int type, String format) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(7, 5, type), format, file);
    return file.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({
    BufferedImage.TYPE_INT_RGB + ", png, RGB",
    BufferedImage.TYPE_BYTE_GRAY + ", png, GREY",
    BufferedImage.TYPE_USHORT_GRAY + ", png, GREY",
    BufferedImage.TYPE_INT_ARGB + ", png, ALPHA",
    BufferedImage.TYPE_BYTE_INDEXED + ", png, RGB",
    BufferedImage.TYPE_INT_RGB + ", jpeg, RGB",
    BufferedImage.TYPE_BYTE_GRAY + ", jpeg, GREY"
  })
  void tellsFormatSizeAndColours(int type, String format, Colours colours) throws IOException {
    assertThat(ImageHeader.of(file(type, format), "a"))
        .isEqualTo(new ImageHeader(format, 7, 5, colours));
  }

  @Test
  void tellsThatAColourOfAPaletteIsTransparent() throws IOException {
    byte[] levels = {0, -1};
    IndexColorModel palette = new IndexColorModel(8, 2, levels, levels, levels, 1);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(7, 5, BufferedImage.TYPE_BYTE_INDEXED, palette), "png", file);

    assertThat(ImageHeader.of(file.toByteArray(), "a").colours()).isEqualTo(Colours.ALPHA);
  }

  @Test
  void tellsWhatNobodyCanHold() {
    byte[] png = PngCodec.encode(RgbImage.of(1, 1, new byte[3]));
    ByteBuffer.wrap(png).putInt(16, -1).putInt(20, 60_000);

    assertThat(ImageHeader.of(png, "a").width()).isEqualTo(4_294_967_295L);
    assertThat(ImageHeader.of(png, "a").height()).isEqualTo(60_000);
  }

  @Test
  void refusesWhatIsNoPictureOrCutOff() throws IOException {
    assertThatThrownBy(() -> ImageHeader.of(new byte[40], "a"))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read picture 'a': it is neither PNG nor JPEG");
    for (String format : new String[] {"png", "jpeg"}) {
      byte[] cut = Arrays.copyOf(file(BufferedImage.TYPE_INT_RGB, format), 20);
      assertThatThrownBy(() -> ImageHeader.of(cut, "a"))
          .isInstanceOf(UserError.class)
          .hasMessage("Cannot read picture 'a': it ends before its size is told");
    }
  }
}
