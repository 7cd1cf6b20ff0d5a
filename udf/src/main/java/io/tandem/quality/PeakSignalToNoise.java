package io.tandem.quality;

import static io.tandem.base.Checks.check;

import io.tandem.image.RgbImage;

/**
 * How near reconstructions are to their pictures: 10 log10(255^2 / mean squared error) of the 8-bit
 * channels, in decibels; infinite where nothing differs. Not thread-safe.
 */
public final class PeakSignalToNoise {

  private static final double PEAK = 255 * 255;

  private long pictures;
  private double sumOfDecibels;
  private double squaredErrors;
  private long channels;

  /**
   * Adds a picture and its reconstruction.
   *
   * @throws io.tandem.base.UserError if they differ in size
   */
  public void add(RgbImage picture, RgbImage reconstruction) {
    add(squaredErrors(picture, reconstruction), 3 * picture.width() * picture.height());
  }

  /**
   * Adds a picture by what {@link #squaredErrors} says of it.
   *
   * @param sum of the squared errors of its channels
   * @param numbers how many channels it has, of all pixels together
   */
  public void add(long sum, int numbers) {
    pictures++;
    sumOfDecibels += decibels(sum, numbers);
    squaredErrors += sum;
    channels += numbers;
  }

  /**
   * Returns the sum of the squared errors of all 8-bit channels of a reconstruction.
   *
   * @throws io.tandem.base.UserError if the pictures differ in size
   */
  public static long squaredErrors(RgbImage picture, RgbImage reconstruction) {
    check(
        picture.width() == reconstruction.width() && picture.height() == reconstruction.height(),
        "Cannot compare a picture of %s with one of %s (equal sizes)",
        picture,
        reconstruction);
    byte[] expected = picture.rgb();
    byte[] actual = reconstruction.rgb();
    long sum = 0;
    for (int i = 0; i < expected.length; i++) {
      int error = Byte.toUnsignedInt(expected[i]) - Byte.toUnsignedInt(actual[i]);
      sum += (long) error * error;
    }
    return sum;
  }

  /** Returns the number of pictures. */
  public long pictures() {
    return pictures;
  }

  /**
   * Returns the mean over pictures of the ratio of each, in dB; infinite if one is reproduced
   * exactly.
   */
  public double meanOfPictures() {
    requirePictures();
    return sumOfDecibels / pictures;
  }

  /** Returns the ratio of the mean squared error over all pictures together, in dB. */
  public double pooled() {
    requirePictures();
    return decibels(squaredErrors, channels);
  }

  private void requirePictures() {
    if (pictures == 0) {
      throw new IllegalStateException("Cannot tell the fidelity of no pictures");
    }
  }

  private static double decibels(double squaredErrors, long channels) {
    return 10 * Math.log10(PEAK * channels / squaredErrors);
  }
}
