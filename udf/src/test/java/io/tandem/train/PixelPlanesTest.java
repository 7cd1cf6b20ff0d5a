package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.dataset.ShapeImages;
import org.junit.jupiter.api.Test;

class PixelPlanesTest {

  private static final ShapeImages IMAGES = ShapeImages.of(1, 8, 40);

  @Test
  void picturesBecomePlanesOfTheRange() {
    long[] indexes = {7, 0};

    float[] planes = PixelPlanes.of(IMAGES, indexes, -1, 1);

    assertThat(planes).hasSize(2 * 3 * 64);
    for (int image = 0; image < 2; image++) {
      byte[] rgb = IMAGES.image(indexes[image]).rgb();
      for (int pixel = 0; pixel < 64; pixel++) {
        for (int channel = 0; channel < 3; channel++) {
          double expected = (rgb[3 * pixel + channel] & 0xff) / 127.5 - 1;
          assertThat((double) planes[(image * 3 + channel) * 64 + pixel])
              .isCloseTo(expected, within(1e-6));
        }
      }
    }
  }

  @Test
  void classesFollowTheIndexes() {
    assertThat(PixelPlanes.classes(IMAGES, new long[] {7, 0, 33})).containsExactly(7, 0, 3);
  }
}
