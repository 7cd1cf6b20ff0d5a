package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.model.DeviceSpec;
import io.tandem.testing.FloatArrays;
import io.tandem.testing.SingleThread;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(SingleThread.class)
class PreprocessingKernelTest {

  private static final int SIDE = 299;

  /** Golden values of float32 results: 6 decimals, or the last bit where that is coarser. */
  @ParameterizedTest
  @CsvSource({
    "32, TENSORFLOW_BILINEAR, 0, 0.107023, 0.214047, 15.946488, 31, 31, 4763.8160",
    "32, TORCH_BILINEAR, 0, 0, 0, 15.5, 31, 31, 4634.5",
    "256, TENSORFLOW_BILINEAR, 0, 0.856187, 1.712375, 127.571907, 254.287628, 255, 38143.8559",
    "256, TORCH_BILINEAR, 0, 0.784281, 1.640468, 127.5, 254.215714, 255, 38122.5",
    "512, TENSORFLOW_BILINEAR, 0, 1.712375, 3.424749, 255.143814, 508.575256, 510.287628, 76287.9994",
    "512, TORCH_BILINEAR, 0.356187, 2.068562, 3.780936, 255.5, 508.931427, 510.643799, 76394.5",
    "512, TORCH_BILINEAR_ANTIALIASED, 0.483568, 2.044687, 3.849857, 255.5, 508.955261, 510.516418,"
        + " 76394.5"
  })
  void resizesARamp(
      int width,
      Resize resize,
      double first,
      double second,
      double third,
      double middle,
      double beforeLast,
      double last,
      double sum) {
    float[] ramp = new float[2 * width * 3];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = i / 3 % width;
    }

    float[] row = Arrays.copyOf(resized(ramp, 2, width, resize, SIDE), SIDE);

    double[] expected = {first, second, third, middle, beforeLast, last};
    int[] at = {0, 1, 2, 149, 297, 298};
    for (int i = 0; i < at.length; i++) {
      double tolerance = 1e-6 + Math.ulp((float) expected[i]);
      assertThat((double) row[at[i]])
          .as("pixel %d", at[i])
          .isCloseTo(expected[i], within(tolerance));
    }
    double rowSum = 0;
    for (float value : row) {
      rowSum += value;
    }
    // 299 rounded float32 values of up to 511
    assertThat(rowSum).isCloseTo(sum, within(2e-3));
  }

  @Test
  void spreadsASinglePixelAsTensorFlowDoes() {
    float[] map = resized(impulse(), 4, 4, Resize.TENSORFLOW_BILINEAR, 6);

    float[] row = {0, 0, 2f / 9, 2f / 3, 2f / 9, 0};
    float[] zeros = new float[6];
    assertRows(map, zeros, row, row, zeros, zeros, zeros);
  }

  @Test
  void spreadsASinglePixelAsTorchDoes() {
    float[] map = resized(impulse(), 4, 4, Resize.TORCH_BILINEAR, 6);

    float[] zeros = new float[6];
    assertRows(
        map,
        zeros,
        new float[] {0, 0, .08333f, .41667f, .25f, 0},
        new float[] {0, 0, .13889f, .69444f, .41667f, 0},
        new float[] {0, 0, .02778f, .13889f, .08333f, 0},
        zeros,
        zeros);
  }

  @Test
  void resizesAsTheGraphOf2015Does() {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      byte[] golden = goldenPictures();
      Tensor bytes = PreprocessingKernel.bytes(scope, direct(golden), 40, 56);
      float[] all =
          PreprocessingKernel.resized(scope, bytes, Resize.TENSORFLOW_BILINEAR, SIDE).toFloats();

      long sum = 0;
      for (byte value : golden) {
        sum += Byte.toUnsignedInt(value);
      }
      assertThat(sum).isEqualTo(1_691_435);
      assertThat(Arrays.copyOf(all, 4))
          .containsExactly(new float[] {80, 77.565216f, 75.130432f, 72.695656f}, within(1e-6f));
      assertThat(all[SIDE * SIDE - 1]).isEqualTo(45);
      double mean = 0;
      for (float value : all) {
        mean += value / all.length;
      }
      assertThat(mean).isCloseTo(125.873009279, within(1e-7));
    }
  }

  @ParameterizedTest
  @CsvSource({"40, 56", "299, 299", "64, 64", "512, 300", "1, 2", "1000, 7"})
  void tensorflowsResizeHasTheBitsOfItsDefinition(int height, int width) {
    byte[] rgb = noise(height * width * 3, 5);

    float[] planes = resized(floats(rgb), height, width, Resize.TENSORFLOW_BILINEAR, SIDE);

    assertThat(planes).isEqualTo(tensorflowBilinear(rgb, height, width));
  }

  @ParameterizedTest
  @CsvSource({"40, 56", "299, 299", "64, 64", "512, 300", "1, 2", "1000, 7"})
  void cleanFidsResizeHasTheNumbersOfPillow(int height, int width) {
    byte[] rgb = noise(height * width * 3, 6);

    float[] planes = resized(floats(rgb), height, width, Resize.PILLOW_BICUBIC, SIDE);

    // The same sums of float64, rounded to float32: a last bit apart where one lies between two.
    FloatArrays.assertClose("pixels", planes, pillowBicubic(rgb, height, width), 3.1e-5);
  }

  @ParameterizedTest
  @EnumSource(Resize.class)
  void aPictureOfTheRightSizeStaysAsItIs(Resize resize) {
    byte[] rgb = noise(SIDE * SIDE * 3, 7);

    float[] planes = resized(floats(rgb), SIDE, SIDE, resize, SIDE);

    for (int i = 0; i < rgb.length; i++) {
      assertThat(planes[i % 3 * SIDE * SIDE + i / 3]).isEqualTo(Byte.toUnsignedInt(rgb[i]));
    }
  }

  @ParameterizedTest
  @EnumSource(Resize.class)
  void aPicturesBitsDependOnNoOther(Resize resize) {
    byte[] pair = noise(2 * 33 * 20 * 3, 8);
    byte[] second = Arrays.copyOfRange(pair, pair.length / 2, pair.length);

    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      float[] both = planes(scope, pair, resize, Scaling.UNIT);
      float[] one = planes(scope, second, resize, Scaling.UNIT);

      assertThat(one).isEqualTo(Arrays.copyOfRange(both, both.length / 2, both.length));
    }
  }

  @Test
  void scalesBytes() {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      for (int value : new int[] {0, 1, 127, 128, 200, 255}) {
        byte[] grey = new byte[33 * 20 * 3];
        Arrays.fill(grey, (byte) value);

        float[] centred = planes(scope, grey, Resize.TENSORFLOW_BILINEAR, Scaling.CENTRED);
        float[] unit = planes(scope, grey, Resize.TORCH_BILINEAR, Scaling.UNIT);

        assertThat(centred[1000]).isEqualTo((value - 128) / 128f);
        assertThat(unit[1000]).isCloseTo((value - 127.5f) / 127.5f, within(2e-7f));
      }
    }
  }

  private static float[] planes(NativeScope scope, byte[] rgb, Resize resize, Scaling scaling) {
    Tensor bytes = PreprocessingKernel.bytes(scope, direct(rgb), 33, 20);
    return PreprocessingKernel.planes(scope, bytes, resize, scaling, SIDE).toFloats();
  }

  private static float[] resized(float[] rgb, int height, int width, Resize resize, int side) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      Tensor pictures = scope.floats(rgb, 1, height, width, 3);
      return PreprocessingKernel.resized(scope, pictures, resize, side).toFloats();
    }
  }

  /** Passes if the first plane has {@code rows}, each of which was given with 5 decimals. */
  private static void assertRows(float[] map, float[]... rows) {
    for (int row = 0; row < rows.length; row++) {
      assertThat(Arrays.copyOfRange(map, row * 6, (row + 1) * 6))
          .as("row %d", row)
          .containsExactly(rows[row], within(5e-6f));
    }
  }

  /** 4 x 4 pixels, of which that in row 1, column 2 is 1. */
  private static float[] impulse() {
    float[] map = new float[4 * 4 * 3];
    Arrays.fill(map, 3 * (4 + 2), 3 * (4 + 3), 1);
    return map;
  }

  /**
   * Two pictures of 40 x 56 pixels: the top bytes of {@code SplittableRandom(11)}, plane by plane.
   */
  static byte[] goldenPictures() {
    SplittableRandom random = new SplittableRandom(11);
    byte[] rgb = new byte[2 * 3 * 40 * 56];
    int pixels = 40 * 56;
    for (int i = 0; i < rgb.length; i++) {
      int picture = i / (3 * pixels);
      int pixel = picture * pixels + i % pixels;
      rgb[3 * pixel + i / pixels % 3] = (byte) (random.nextLong() >>> 56);
    }
    return rgb;
  }

  static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static byte[] noise(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static float[] floats(byte[] bytes) {
    float[] floats = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      floats[i] = Byte.toUnsignedInt(bytes[i]);
    }
    return floats;
  }

  private static float[] tensorflowBilinear(byte[] rgb, int height, int width) {
    float[] planes = new float[3 * SIDE * SIDE];
    float scaleY = height / (float) SIDE;
    float scaleX = width / (float) SIDE;
    for (int i = 0; i < planes.length; i++) {
      int colour = i / (SIDE * SIDE);
      float y = i / SIDE % SIDE * scaleY;
      float x = i % SIDE * scaleX;
      int top = (int) y;
      int left = (int) x;
      float[] rows = new float[2];
      for (int k = 0; k < 2; k++) {
        int from = Math.min(top + k, height - 1) * width;
        float a = Byte.toUnsignedInt(rgb[3 * (from + left) + colour]);
        float b = Byte.toUnsignedInt(rgb[3 * (from + Math.min(left + 1, width - 1)) + colour]);
        rows[k] = a + (b - a) * (x - left);
      }
      planes[i] = rows[0] + (rows[1] - rows[0]) * (y - top);
    }
    return planes;
  }

  /** Pillow's ImagingResample of mode F: rows first, sums in double, float between the passes. */
  private static float[] pillowBicubic(byte[] rgb, int height, int width) {
    float[] planes = new float[3 * SIDE * SIDE];
    double[][] acrossRows = taps(width);
    double[][] downColumns = taps(height);
    for (int colour = 0; colour < 3; colour++) {
      float[][] narrow = new float[height][SIDE];
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < SIDE; x++) {
          double sum = 0;
          for (int k = 1; k < acrossRows[x].length; k++) {
            int at = (int) acrossRows[x][0] + k - 1;
            sum += Byte.toUnsignedInt(rgb[3 * (y * width + at) + colour]) * acrossRows[x][k];
          }
          narrow[y][x] = (float) sum;
        }
      }
      for (int i = 0; i < SIDE * SIDE; i++) {
        double[] taps = downColumns[i / SIDE];
        double sum = 0;
        for (int k = 1; k < taps.length; k++) {
          sum += narrow[(int) taps[0] + k - 1][i % SIDE] * taps[k];
        }
        planes[colour * SIDE * SIDE + i] = Math.max(0, Math.min(255, (float) sum));
      }
    }
    return planes;
  }

  /** For each new pixel the first old one, then the weights from it on. */
  private static double[][] taps(int length) {
    double scale = (double) length / SIDE;
    double widening = Math.max(1, scale);
    double support = 2 * widening;
    double[][] all = new double[SIDE][];
    for (int i = 0; i < SIDE; i++) {
      double center = (i + 0.5) * scale;
      int first = Math.max(0, (int) (center - support + 0.5));
      int end = Math.min(length, (int) (center + support + 0.5));
      double[] taps = new double[1 + end - first];
      taps[0] = first;
      double sum = 0;
      for (int k = 1; k < taps.length; k++) {
        taps[k] = bicubic((first + k - 1 - center + 0.5) / widening);
        sum += taps[k];
      }
      for (int k = 1; k < taps.length; k++) {
        taps[k] /= sum;
      }
      all[i] = taps;
    }
    return all;
  }

  private static double bicubic(double signed) {
    double x = Math.abs(signed);
    if (x < 1) {
      return (1.5 * x - 2.5) * x * x + 1;
    }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  }
}
