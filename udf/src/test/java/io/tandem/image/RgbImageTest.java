package io.tandem.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class RgbImageTest {

  @Test
  void interleavesPlanesAndMovesPastThem() {
    FloatBuffer planes = FloatBuffer.wrap(new float[] {0, 1, 0.2f, 0.4f, 1, 0, 9, 9});

    RgbImage image = RgbImage.ofPlanes(planes, 2, 1, PixelRounding.NEAREST);

    assertThat(image.rgb()).containsExactly(0, 51, 255, 255, 102, 0);
    assertThat(planes.remaining()).isEqualTo(2);
  }

  @Test
  void givesPlanesBack() {
    RgbImage image = Pictures.noise(5, 3, 1);

    FloatBuffer planes = FloatBuffer.wrap(image.toPlanes());

    assertThat(RgbImage.ofPlanes(planes, 5, 3, PixelRounding.NEAREST)).isEqualTo(image);
  }

  @Test
  void hashesThePixelsAlone() {
    RgbImage image = RgbImage.of(1, 1, new byte[] {'a', 'b', 'c'});

    // golden: the known answer of SHA-256 for "abc", FIPS 180-2 appendix B.1
    assertThat(image.sha256())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void doesNotSeeLaterChangesOfTheBytes() {
    byte[] rgb = {1, 2, 3};
    RgbImage image = RgbImage.of(1, 1, rgb);
    rgb[0] = 9;
    image.rgb()[1] = 9;

    assertThat(image.rgb()).containsExactly(1, 2, 3);
  }

  @Test
  void rejectsBytesThatAreNoPicture() {
    assertThatThrownBy(() -> RgbImage.of(2, 2, new byte[11]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a picture of 2 x 2 pixels from 11 bytes (12 are needed)");
    assertThatThrownBy(() -> RgbImage.of(1 << 16, 1 << 16, new byte[0]))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot make a picture of 65536 x 65536 pixels (1 to 67108864 in all)");
  }
}
