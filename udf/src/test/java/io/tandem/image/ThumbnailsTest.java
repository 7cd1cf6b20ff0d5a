package io.tandem.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ThumbnailsTest {

  @Test
  void aPixelIsTheMeanOfASquare() {
    RgbImage image =
        RgbImage.of(
            4,
            2,
            new byte[] {
              0, 10, 0, 2, 20, 0, (byte) 255, 0, 0, (byte) 255, 0, 0,
              4, 30, 0, 6, 40, 1, (byte) 255, 0, 0, (byte) 255, 0, 0,
            });

    RgbImage small = Thumbnails.of(image, 2);

    // Halves are rounded up, and 1 of 4 is none.
    assertThat(small).isEqualTo(RgbImage.of(2, 1, new byte[] {3, 25, 0, (byte) 255, 0, 0}));
  }

  @Test
  void smallPicturesStayAsTheyAre() {
    RgbImage image = RgbImage.of(2, 1, new byte[6]);

    assertThat(Thumbnails.of(image, 2)).isSameAs(image);
  }

  @Test
  void neitherSideIsTooLong() {
    assertThat(Thumbnails.of(RgbImage.of(300, 7, new byte[6300]), 128))
        .hasToString("100 x 2 pixels");
    assertThat(Thumbnails.of(RgbImage.of(1, 1000, new byte[3000]), 10))
        .hasToString("1 x 10 pixels");
  }

  @Test
  void refusesPicturesOfNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Thumbnails.of(RgbImage.of(1, 1, new byte[3]), 0))
        .withMessage("Cannot make pictures of 0 pixels");
  }
}
