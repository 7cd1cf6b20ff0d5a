package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import io.tandem.testing.NativeManagers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class TrainingTensorsTest {

  private static final float[] NUMBERS = {1, 2, -3, 4, 5, 6.5f};

  private static TrainingTensors some() {
    TrainingTensors tensors = TrainingTensors.open(DeviceSpec.CPU);
    tensors.put("z", NUMBERS, 2, 3);
    tensors.put("a", new float[] {7}, 1, 1, 1);
    tensors.put(NumberFormat.FLOAT64, "m", new double[] {0.1, 0.2}, 2);
    return tensors;
  }

  @Test
  void keepsOrderShapesAndNumbers() {
    try (TrainingTensors tensors = some()) {
      assertThat(tensors.names()).containsExactly("z", "a", "m");
      assertThat(tensors.shape("z")).containsExactly(2, 3);
      assertThat(tensors.shape("a")).containsExactly(1, 1, 1);
      assertThat(tensors.doubles("z")).containsExactly(1, 2, -3, 4, 5, 6.5);
      assertThat(tensors.doubles("m")).containsExactly(0.1, 0.2);
      assertThat(tensors.device()).isEqualTo(DeviceSpec.CPU);
    }
  }

  @Test
  void readsLittleEndianFloats() {
    try (TrainingTensors tensors = some()) {
      ByteBuffer bytes = tensors.read("z");

      assertThat(bytes.isDirect()).isTrue();
      assertThat(bytes.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
      assertThat(bytes.remaining()).isEqualTo(24);
      for (float number : NUMBERS) {
        assertThat(bytes.getFloat()).isEqualTo(number);
      }
    }
  }

  @Test
  void replacesNumbersInPlace() {
    try (TrainingTensors tensors = some()) {
      float[] others = {6, 5, 4, 3, 2, 1};

      tensors.replace("z", others);
      others[0] = 99;

      assertThat(tensors.doubles("z")).containsExactly(6, 5, 4, 3, 2, 1);
      assertThat(tensors.names()).containsExactly("z", "a", "m");
      assertThat(tensors.shape("z")).containsExactly(2, 3);
    }
  }

  @Test
  void zerosAreOfTheSameNamesShapesAndFormats() {
    try (TrainingTensors tensors = some();
        TrainingTensors zeros = tensors.zeros()) {
      assertThat(zeros.names()).containsExactlyElementsOf(tensors.names());
      for (String name : tensors.names()) {
        assertThat(zeros.shape(name)).isEqualTo(tensors.shape(name));
        assertThat(zeros.doubles(name)).containsOnly(0);
      }
      assertThat(zeros.arrays().get("m").getDataType())
          .isEqualTo(tensors.arrays().get("m").getDataType());
    }
  }

  @Test
  void clearingLeavesZerosEvenOfNumbersThatAreNone() {
    try (TrainingTensors tensors = some()) {
      tensors.replace("a", new float[] {Float.NaN});

      tensors.clear();

      assertThat(tensors.doubles("z")).containsOnly(0);
      assertThat(tensors.doubles("a")).containsOnly(0);
      assertThat(tensors.doubles("m")).containsOnly(0);
      assertThat(tensors.shape("z")).containsExactly(2, 3);
    }
  }

  @Test
  void refusesUnknownNamesAndTwins() {
    try (TrainingTensors tensors = some()) {
      assertThatThrownBy(() -> tensors.shape("b"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("No tensor 'b' among [z, a, m]");
      assertThatThrownBy(() -> tensors.put("a", new float[1], 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot add tensor 'a' twice");
      assertThatThrownBy(() -> tensors.read("m"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot read 'm': it is no float32 tensor");
    }
  }

  @Test
  void leavesNothingBehindWhenClosed() {
    some().close();
    int before = NativeManagers.alive();

    TrainingTensors tensors = some();
    tensors.replace("z", NUMBERS);
    tensors.clear();
    tensors.zeros().close();
    tensors.close();

    assertThat(NativeManagers.alive()).isEqualTo(before);
  }
}
