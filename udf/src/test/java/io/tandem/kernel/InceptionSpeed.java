package io.tandem.kernel;

import io.tandem.engine.ProductRate;
import io.tandem.image.ImageFile;
import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.weights.RandomInceptionWeights;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightSource;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Measures Inception on a machine that does nothing else: each layout of maps with batches of
 * several sizes, as a share of the rate of matrix products, and what each resize and the decoding
 * of a PNG take.
 *
 * <p>Arguments: threads, side of the pictures, rounds.
 */
final class InceptionSpeed {

  /** Products and sums of one picture. */
  private static final double FLOP = 11.4e9;

  private InceptionSpeed() {}

  /** Prints a line for each way. */
  public static void main(String[] arguments) {
    LibTorch.useThreads(Integer.parseInt(arguments[0]));
    int side = Integer.parseInt(arguments[1]);
    int rounds = Integer.parseInt(arguments[2]);
    double rate = ProductRate.measure(DeviceSpec.CPU, Precision.FP32, ProductRate.BENCHMARK_SIDE);
    System.out.printf(Locale.ROOT, "products %.1f GFLOP/s%n", rate / 1e9);
    for (MapLayout layout : MapLayout.values()) {
      for (int images : new int[] {1, 4, 8, 16}) {
        double seconds = network(layout, images, rounds);
        System.out.printf(
            Locale.ROOT,
            "%s, %d at a time: %.2f pictures/s, %.2f of the products' rate%n",
            layout,
            images,
            1 / seconds,
            FLOP / seconds / rate);
      }
    }
    for (Resize resize : Resize.values()) {
      System.out.printf(
          Locale.ROOT,
          "%s from %d pixels: %.2f ms%n",
          resize,
          side,
          1e3 * preprocessing(resize, side, rounds));
    }
    byte[] png = PngCodec.encode(photo(side));
    double seconds = fastest(20 * rounds, own -> ImageFile.decode(png, "photo"));
    System.out.printf(
        Locale.ROOT, "PNG of %,d bytes, %d pixels: %.2f ms%n", png.length, side, 1e3 * seconds);
  }

  /** Returns smooth colours with some noise, which take as many bytes as a photo. */
  private static RgbImage photo(int side) {
    SplittableRandom random = new SplittableRandom(1);
    byte[] rgb = new byte[3 * side * side];
    for (int i = 0; i < rgb.length; i++) {
      double light = Math.sin(i % 3 + i / 3 % side * 0.02) * Math.cos(i / 3 / side * 0.03);
      rgb[i] = (byte) (128 + 90 * light + random.nextInt(-12, 13));
    }
    return RgbImage.of(side, side, rgb);
  }

  /** Returns the seconds that a picture takes in the fastest round. */
  private static double network(MapLayout layout, int images, int rounds) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU);
        NativeScope reading = NativeScope.open(DeviceSpec.CPU);
        WeightSource source = RandomInceptionWeights.of(0)) {
      TensorsByName tensors = TensorsByName.in(reading);
      for (String name : source.names()) {
        TensorSpec spec = source.spec(name);
        tensors.put(name, source.read(name), spec.format(), spec.sizes());
      }
      InceptionWeights weights = InceptionKernel.prepare(scope, tensors, layout, images);
      Tensor planes = scope.floats(new float[images * 3 * 299 * 299], images, 3, 299, 299);
      return fastest(rounds, own -> InceptionKernel.rows(own, weights, planes)) / images;
    }
  }

  private static double preprocessing(Resize resize, int side, int rounds) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      Tensor bytes =
          PreprocessingKernel.bytes(
              scope, PreprocessingKernelTest.direct(new byte[8 * 3 * side * side]), side, side);
      return fastest(
              rounds,
              own ->
                  PreprocessingKernel.planes(
                      own, bytes, resize, Scaling.CENTRED, InceptionKernel.SIDE))
          / 8;
    }
  }

  /** A piece of work whose results a scope owns. */
  private interface Work {
    void run(NativeScope own);
  }

  private static double fastest(int rounds, Work work) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i <= rounds; i++) {
      try (NativeScope own = NativeScope.open(DeviceSpec.CPU)) {
        long start = System.nanoTime();
        work.run(own);
        // the first round warms up
        least = i == 0 ? least : Math.min(least, System.nanoTime() - start);
      }
    }
    return least * 1e-9;
  }
}
