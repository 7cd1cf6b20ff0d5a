package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.testing.FloatArrays;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fast layers against the plain ones, borders included. */
class VaeKernelTest {

  /** Winograd's transform loses a few bits of float32. */
  private static final double FP32 = 3e-6;

  private static final double BF16 = 2e-2;

  private final Random random = new Random(1);

  @ParameterizedTest(name = "{0} from {1} to {2} channels at side {3}")
  @CsvSource({
    "CONVOLUTION, 32, 64, 32",
    "RESIDUAL, 32, 32, 32",
    "RESIDUAL, 64, 32, 32",
    "RESIDUAL, 32, 64, 40",
    "RESIDUAL, 64, 64, 13",
    "RESIDUAL, 32, 64, 34",
    "ATTENTION, 32, 32, 7",
    "ATTENTION, 64, 64, 16",
    "UPSAMPLING, 32, 32, 5",
    "UPSAMPLING, 64, 64, 32",
    "DOWNSAMPLING, 32, 32, 32",
    "DOWNSAMPLING, 64, 64, 6",
    "OUTPUT, 32, 3, 32",
    "OUTPUT, 64, 32, 16",
    "OUTPUT, 32, 32, 32",
  })
  void fastLayersGiveWhatPlainOnesDo(VaeLayer layer, int channels, int filters, int side) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      Tensor map = normal(scope, 1, 2, 8, side, side);
      Example example = example(scope, layer, channels, filters, map);

      float[] plain = example.run(scope, Precision.FP32, Arithmetic.PLAIN);

      float[] fast = example.run(scope, Precision.FP32, Arithmetic.FAST);
      assertThat(FloatArrays.relativeError(fast, plain)).as("fp32").isLessThan(FP32);
      float[] rounded = example.run(scope, Precision.BF16, Arithmetic.FAST);
      assertThat(FloatArrays.relativeError(rounded, plain)).as("bf16").isLessThan(BF16);
    }
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({
    "RESIDUAL, FP32", "RESIDUAL, BF16", "UPSAMPLING, FP32", "UPSAMPLING, BF16",
    "ATTENTION, FP32", "ATTENTION, BF16", "OUTPUT, FP32", "OUTPUT, BF16",
    "DOWNSAMPLING, FP32", "DOWNSAMPLING, BF16"
  })
  void anyNumberOfThreadsGivesTheSameBits(VaeLayer layer, Precision precision) {
    int before = LibTorch.threads();
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      int channels = 160;
      int side = layer == VaeLayer.ATTENTION ? 16 : 32;
      int filters = layer == VaeLayer.OUTPUT ? 3 : channels;
      Tensor map = normal(scope, 1, 1, 8, side, side);
      Example example = example(scope, layer, channels, filters, map);

      LibTorch.useThreads(1);
      float[] one = example.run(scope, precision, Arithmetic.FAST);

      for (int threads : new int[] {2, 3, 4, 8}) {
        LibTorch.useThreads(threads);
        float[] many = example.run(scope, precision, Arithmetic.FAST);
        assertThat(Arrays.equals(many, one)).as("%d threads", threads).isTrue();
      }
    } finally {
      LibTorch.useThreads(before);
    }
  }

  /** A convolution to the channels of {@code layer}, the layer, and a map to run them on. */
  private record Example(VaeLayer layer, TensorsByName input, TensorsByName tensors, Tensor map) {

    float[] run(NativeScope scope, Precision precision, Arithmetic arithmetic) {
      int side = (int) map.shape()[2];
      try (VaeNetwork network = VaeKernel.network(scope, precision, arithmetic, side)) {
        VaeKernel.append(network, VaeLayer.CONVOLUTION, input);
        VaeKernel.append(network, layer, tensors);
        try (Tensor result = VaeKernel.encode(scope, network, map)) {
          return result.toFloats();
        }
      }
    }
  }

  private Example example(
      NativeScope scope, VaeLayer layer, int channels, int filters, Tensor map) {
    TensorsByName input = TensorsByName.in(scope);
    convolution(input, scope, "conv", channels, 8, 3);
    TensorsByName tensors = TensorsByName.in(scope);
    switch (layer) {
      case CONVOLUTION, UPSAMPLING, DOWNSAMPLING ->
          convolution(tensors, scope, "conv", filters, channels, 3);
      case RESIDUAL -> {
        normalisation(tensors, scope, "norm1", channels);
        convolution(tensors, scope, "conv1", filters, channels, 3);
        normalisation(tensors, scope, "norm2", filters);
        convolution(tensors, scope, "conv2", filters, filters, 3);
        if (filters != channels) {
          convolution(tensors, scope, "nin_shortcut", filters, channels, 1);
        }
      }
      case ATTENTION -> {
        normalisation(tensors, scope, "norm", channels);
        convolution(tensors, scope, "qkv", 3 * channels, channels, 1);
        convolution(tensors, scope, "proj_out", channels, channels, 1);
      }
      case OUTPUT -> {
        normalisation(tensors, scope, "norm", channels);
        convolution(tensors, scope, "conv", filters, channels, 3);
      }
    }
    return new Example(layer, input, tensors, map);
  }

  private void convolution(
      TensorsByName tensors, NativeScope scope, String name, int filters, int channels, int size) {
    double deviation = 1 / Math.sqrt(channels * size * size);
    tensors.put(name + ".weight", normal(scope, deviation, filters, channels, size, size));
    tensors.put(name + ".bias", normal(scope, 0.5, filters));
  }

  private void normalisation(TensorsByName tensors, NativeScope scope, String name, int channels) {
    tensors.put(name + ".weight", normal(scope, 1, channels));
    tensors.put(name + ".bias", normal(scope, 0.5, channels));
  }

  private Tensor normal(NativeScope scope, double deviation, long... shape) {
    float[] numbers = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (deviation * random.nextGaussian());
    }
    return scope.floats(numbers, shape);
  }
}
