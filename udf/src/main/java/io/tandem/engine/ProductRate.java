package io.tandem.engine;

import io.tandem.kernel.NativeScope;
import io.tandem.kernel.ProductKernel;
import io.tandem.kernel.Tensor;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;

/**
 * The machine's own limit: the rate of square matrix products, in FLOP per second.
 *
 * <p>Speeds of decoding are reported as shares of it, since machines differ and drift.
 */
public final class ProductRate {

  /** Side of the products that benchmarks are compared with. */
  public static final int BENCHMARK_SIDE = 2048;

  private static final int WARM_UP = 2;
  private static final int MEASURED = 5;

  private ProductRate() {}

  /** Returns the best rate of five products of [side, side] matrices, after warm-up. */
  public static double measure(DeviceSpec device, Precision precision, int side) {
    long leastNanos = Long.MAX_VALUE;
    try (NativeScope scope = NativeScope.open(device)) {
      Tensor a = ProductKernel.randomSquare(scope, side, precision);
      for (int i = 0; i < WARM_UP + MEASURED; i++) {
        long start = System.nanoTime();
        try (Tensor product = ProductKernel.product(scope, a, a)) {
          ProductKernel.drain(product);
        }
        if (i >= WARM_UP) {
          leastNanos = Math.min(leastNanos, System.nanoTime() - start);
        }
      }
    }
    return 2.0 * side * side * side / leastNanos * 1e9;
  }
}
