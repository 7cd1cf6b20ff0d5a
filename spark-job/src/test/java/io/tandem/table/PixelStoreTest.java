package io.tandem.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.image.RgbImage;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PixelStoreTest {

  @Test
  void givesBackWhatWasAddedAcrossChunks() {
    int side = 600;
    int pictures = 40;
    PixelStore store = new PixelStore(side, pictures);
    for (int i = 0; i < pictures; i++) {
      store.add(noise(side, i));
    }

    assertThat(PixelStore.bytes(side, pictures)).isEqualTo(43_200_000);
    for (int i = 0; i < pictures; i++) {
      assertThat(store.picture(i)).isEqualTo(noise(side, i));
    }
  }

  @Test
  void holdsPicturesThatAreLargerThanAChunk() {
    int side = 2500;
    PixelStore store = new PixelStore(side, 2);
    store.add(noise(side, 1));
    store.add(noise(side, 2));

    assertThat(store.picture(1)).isEqualTo(noise(side, 2));
  }

  private static RgbImage noise(int side, long seed) {
    byte[] rgb = new byte[3 * side * side];
    new Random(seed).nextBytes(rgb);
    return RgbImage.of(side, side, rgb);
  }
}
