package io.tandem.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.image.RgbImage;
import org.junit.jupiter.api.Test;

class PeakSignalToNoiseTest {

  private static final RgbImage BLACK = picture(0, 0, 0, 0, 0, 0);

  @Test
  void isTheRatioToTheMeanSquaredErrorInDecibels() {
    PeakSignalToNoise ratio = new PeakSignalToNoise();

    ratio.add(BLACK, picture(255, 255, 255, 255, 255, 255));
    assertThat(ratio.meanOfPictures()).isZero();

    // squared errors 9 and 3 times 1 of six channels: 2
    ratio = new PeakSignalToNoise();
    ratio.add(BLACK, picture(3, 1, 0, 1, 0, 1));
    assertThat(ratio.pooled()).isCloseTo(10 * Math.log10(255 * 255 / 2.0), within(1e-12));
    assertThat(ratio.meanOfPictures()).isEqualTo(ratio.pooled());
  }

  @Test
  void averagesDecibelsOrPoolsErrors() {
    PeakSignalToNoise ratio = new PeakSignalToNoise();
    ratio.add(BLACK, picture(1, 1, 1, 1, 1, 1));
    ratio.add(picture(250, 250, 250, 250, 250, 250), picture(240, 240, 240, 240, 240, 240));

    double peak = 20 * Math.log10(255);
    assertThat(ratio.pictures()).isEqualTo(2);
    // mean squared errors 1 and 100
    assertThat(ratio.meanOfPictures()).isCloseTo(peak - 10, within(1e-12));
    assertThat(ratio.pooled()).isCloseTo(peak - 10 * Math.log10(50.5), within(1e-12));
  }

  @Test
  void poolsPicturesOfDifferentSizesByChannels() {
    PeakSignalToNoise ratio = new PeakSignalToNoise();
    ratio.add(RgbImage.of(1, 1, new byte[3]), RgbImage.of(1, 1, new byte[] {3, 3, 3}));
    ratio.add(BLACK, BLACK);

    // 27 over nine channels
    assertThat(ratio.pooled()).isCloseTo(10 * Math.log10(255 * 255 / 3.0), within(1e-12));
  }

  @Test
  void isInfiniteWhereNothingDiffers() {
    PeakSignalToNoise ratio = new PeakSignalToNoise();
    ratio.add(BLACK, BLACK);

    assertThat(ratio.pooled()).isInfinite();
    assertThat(ratio.meanOfPictures()).isInfinite();
  }

  @Test
  void rejectsPicturesOfDifferentSizes() {
    RgbImage narrow = RgbImage.of(1, 2, new byte[6]);

    assertThatThrownBy(() -> new PeakSignalToNoise().add(BLACK, narrow))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot compare a picture of 2 x 1 pixels with one of 1 x 2 pixels (equal sizes)");
    assertThatThrownBy(() -> new PeakSignalToNoise().pooled())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot tell the fidelity of no pictures");
  }

  private static RgbImage picture(int... rgb) {
    byte[] bytes = new byte[rgb.length];
    for (int i = 0; i < rgb.length; i++) {
      bytes[i] = (byte) rgb[i];
    }
    return RgbImage.of(rgb.length / 3, 1, bytes);
  }
}
