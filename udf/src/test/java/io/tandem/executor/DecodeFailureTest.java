package io.tandem.executor;

import static io.tandem.executor.DecodeFailure.Kind.OTHER;
import static io.tandem.executor.DecodeFailure.Kind.OUT_OF_MEMORY;
import static io.tandem.executor.DecodeFailure.Kind.SICK_DEVICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.base.UserError;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.ProductKernel;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DecodeFailureTest {

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void tellsFailuresApart(Throwable thrown, DecodeFailure.Kind kind) {
    assertThat(DecodeFailure.of(thrown).kind()).isEqualTo(kind);
    assertThat(DecodeFailure.of(new IllegalStateException("in a kernel", thrown)).kind())
        .isEqualTo(kind);
  }

  static Stream<Arguments> tellsFailuresApart() {
    return Stream.of(
        arguments(thrown("CUDA out of memory. Tried to allocate 20.00 GiB."), OUT_OF_MEMORY),
        arguments(thrown("CUDA error: out of memory\nCUDA kernel errors might"), OUT_OF_MEMORY),
        arguments(thrown("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), OUT_OF_MEMORY),
        arguments(thrown("std::bad_alloc"), OUT_OF_MEMORY),
        arguments(
            new OutOfMemoryError("Cannot reserve 8 bytes of direct buffer memory (allocated: 9)"),
            OUT_OF_MEMORY),
        arguments(
            new OutOfMemoryError("unable to create native thread: possibly out of memory"),
            OUT_OF_MEMORY),
        arguments(new OutOfMemoryError("Java heap space"), OTHER),
        arguments(new OutOfMemoryError("GC overhead limit exceeded"), OTHER),
        arguments(new StackOverflowError(), OTHER),
        arguments(thrown("CUDA error: an illegal memory access was encountered"), SICK_DEVICE),
        arguments(thrown("CUDA error: device-side assert triggered"), SICK_DEVICE),
        arguments(thrown("CUDA error: unspecified launch failure"), SICK_DEVICE),
        arguments(thrown("CUDA error: uncorrectable ECC error encountered"), SICK_DEVICE),
        arguments(thrown("CUDA error: something new"), SICK_DEVICE),
        arguments(thrown("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), SICK_DEVICE),
        arguments(
            thrown("CUDA error: no kernel image is available for execution on the device"), OTHER),
        arguments(UserError.of("Cannot load '/data/out of memory/d16.pth'"), OTHER),
        arguments(thrown("Expected size 3 but got size 4"), OTHER),
        arguments(new IllegalStateException(), OTHER));
  }

  @Test
  void knowsWhatLibtorchSaysWhenMemoryIsNotEnough() {
    Throwable thrown =
        catchThrowable(
            () -> {
              try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
                // more than any address: nothing is allocated whatever the machine has
                ProductKernel.randomSquare(scope, 1 << 30, Precision.FP32);
              }
            });

    DecodeFailure failure = DecodeFailure.of(thrown);

    assertThat(failure.kind()).isEqualTo(OUT_OF_MEMORY);
    assertThat(failure.message())
        .contains("DefaultCPUAllocator: can't allocate memory")
        .doesNotContain("\n")
        .doesNotContain("frame #");
  }

  @Test
  void messagesAreOneLineAndBounded() {
    DecodeFailure failure =
        DecodeFailure.of(thrown("trace\nCUDA out of memory. " + "x".repeat(1000) + "\nframe #0"));

    assertThat(failure.message()).startsWith("CUDA out of memory. xxx").endsWith("x...");
    assertThat(failure.message()).hasSize(303);
  }

  private static RuntimeException thrown(String message) {
    return new IllegalArgumentException(message);
  }
}
