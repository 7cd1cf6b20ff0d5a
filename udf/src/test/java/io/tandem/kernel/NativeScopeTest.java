package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import org.junit.jupiter.api.Test;

class NativeScopeTest {

  @Test
  void freesEverythingThatWasMadeInIt() {
    long before = NativeScope.liveValues();

    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      Tensor square = ProductKernel.randomSquare(scope, 4, Precision.BF16);
      ProductKernel.product(scope, square, square);
      scope.floats(new float[] {1, 2}, 2).close();
      assertThat(NativeScope.liveValues()).isEqualTo(before + 2);
    }

    assertThat(NativeScope.liveValues()).isEqualTo(before);
  }

  @Test
  void copiesNumbersInAndOut() {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      Tensor floats = scope.floats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

      assertThat(floats.toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(floats.shape()).containsExactly(2, 3);
      assertThat(scope.longs(new long[] {1L << 40}, 1).toLongs()).containsExactly(1L << 40);
    }
  }

  @Test
  void refusesToUseWhatWasClosed() {
    NativeScope scope = NativeScope.open(DeviceSpec.CPU);
    Tensor tensor = scope.floats(new float[] {1}, 1);
    scope.close();

    assertThatThrownBy(tensor::toFloats)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot use a native value: it was closed");
  }
}
