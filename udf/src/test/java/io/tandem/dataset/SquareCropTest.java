package io.tandem.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.image.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SquareCropTest {

  @Test
  void leavesAPictureOfTheRightSizeUntouched() {
    RgbImage image = picture(64, 64);

    assertThat(SquareCrop.of(image, 64)).isSameAs(image);
  }

  @Test
  void cutsTheMiddleOutOfAPictureThatNeedsNoResizing() {
    // 1.125 x 8 = 9 is the shorter side already. (9 - 8) / 2 and (11 - 8) / 2 round to 0 and 2.
    RgbImage image = picture(9, 11);

    RgbImage square = SquareCrop.of(image, 8);

    byte[] expected = new byte[3 * 8 * 8];
    for (int y = 0; y < 8; y++) {
      System.arraycopy(image.rgb(), 3 * 9 * (y + 2), expected, 3 * 8 * y, 3 * 8);
    }
    assertThat(square).isEqualTo(RgbImage.of(8, 8, expected));
  }

  @Test
  void weighsByTheLanczosFilter() {
    // Four pixels become two. Those of the first new pixel lie at -1/4, 1/4, 3/4 and 5/4 of a new
    // pixel from its centre, where sinc(x) sinc(x / 3) is 0.890067, 0.890067, 0.270190, -0.132871:
    // 1.917453 in all.
    LanczosTaps taps = LanczosTaps.of(4, 2, 0, 2);

    assertThat(taps.sample(0, new byte[] {(byte) 255, 0, 0, 0}, 0, 1)).isEqualTo((byte) 118);
    assertThat(taps.sample(0, new byte[] {0, 0, (byte) 255, 0}, 0, 1)).isEqualTo((byte) 36);
    assertThat(taps.sample(0, new byte[] {0, 0, 0, (byte) 255}, 0, 1)).isEqualTo((byte) 0);
    assertThat(taps.sample(1, new byte[] {0, (byte) 255, 0, 0}, 0, 1)).isEqualTo((byte) 36);
  }

  @Test
  void averagesTwoPixelsIntoOne() {
    LanczosTaps taps = LanczosTaps.of(2, 1, 0, 1);

    assertThat(taps.sample(0, new byte[] {10, 99, 21, 99}, 0, 2)).isEqualTo((byte) 16);
  }

  @ParameterizedTest
  @CsvSource({
    "200, 151, 64, 418deba64510a03c106588dbb22362a739a84474027e728776d726174dba533f",
    "64, 70, 64, 833fb0de17b03521a9f578089c30f5f06e6dc0eff4e3480ffab4b440f9a09425",
    "97, 333, 32, 7a3251ab3f044692a566bca05ca4345b44e50c9b57870c4ad09ffb1685ae5983",
    "17, 16, 16, 976300c5a847bc3349254a91f0d91aef949a5453e9fa1fb2e8e96e1ef87a7ce7",
    "72, 72, 64, f0c148d8b07f91e5085c826423cdd7f58f48c60d55e64dd28afadc0a5be86c67",
    "1000, 500, 4, a985899566116e0f737a16a3cb311ef32bc94bc8f23edab3470a37ef648f1ce9"
  })
  void makesTheBytesThatPillowMakes(int width, int height, int side, String sha256) {
    // Pillow 12.3.0 on the same pictures: Image.resize with LANCZOS to shorter side
    // round(1.125 side) and longer side rounded down, then Image.crop from round((length - side)
    // / 2) on.
    assertThat(SquareCrop.of(picture(width, height), side).sha256()).isEqualTo(sha256);
  }

  @Test
  void rejectsPicturesThatAreTooSmall() {
    assertThatThrownBy(() -> SquareCrop.of(picture(100, 63), 64))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot crop a picture to 64 x 64 pixels: it has 100 x 63 (at least as many both"
                + " ways)");
    assertThatThrownBy(() -> SquareCrop.of(picture(63, 100), 64, "row 7"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot crop picture 'row 7' to 64 x 64 pixels: it has 63 x 100 (at least as many both"
                + " ways)");
  }

  @Test
  void rejectsASideBelowOne() {
    assertThatThrownBy(() -> SquareCrop.of(picture(9, 9), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot crop to side 0 (at least 1)");
  }

  private static RgbImage picture(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        rgb[at++] = (byte) (7 * x * x + 13 * y);
        rgb[at++] = (byte) (x * y % 251);
        rgb[at++] = (byte) (31 * x + 5 * y * y);
      }
    }
    return RgbImage.of(width, height, rgb);
  }
}
