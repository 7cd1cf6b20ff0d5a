package io.tandem.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.HopelessException;
import io.tandem.base.UserError;
import io.tandem.engine.Machine;
import io.tandem.kernel.LibTorch;
import io.tandem.model.DeviceSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TaskDeviceTest {

  @Test
  void takesTheGpuOfTheTask() {
    assertThat(TaskDevice.find(DeviceChoice.GPU, gpus("3"), () -> 4))
        .isEqualTo(DeviceSpec.parse("cuda:3"));
  }

  @Test
  void takesWhatIsFixed() {
    assertThat(TaskDevice.find(DeviceChoice.CPU, gpus("3"), () -> 0)).isEqualTo(DeviceSpec.CPU);
    assertThat(TaskDevice.find(DeviceChoice.parse("cuda:1"), Optional.empty(), () -> 2))
        .isEqualTo(DeviceSpec.parse("cuda:1"));
  }

  @Test
  void rejectsATaskWithoutAGpu() {
    assertThatThrownBy(() -> TaskDevice.find(DeviceChoice.GPU, Optional.empty(), () -> 4))
        .isInstanceOf(HopelessException.class)
        .hasMessage(
            "Cannot decode on a GPU on host "
                + Machine.host()
                + ": Spark gave the task no resource 'gpu'. Set"
                + " spark.executor.resource.gpu.amount and spark.task.resource.gpu.amount, or pass"
                + " --device cpu.");
  }

  @Test
  void rejectsAddressesThatAreNoNumbers() {
    for (String address : List.of("GPU-0e2f", "MIG-GPU-0e2f/1/0", "-1", "0x1", "123456", "")) {
      assertThatThrownBy(() -> TaskDevice.find(DeviceChoice.GPU, gpus(address), () -> 4))
          .isInstanceOf(HopelessException.class)
          .hasMessage(
              "Cannot decode on GPU '"
                  + address
                  + "' of host "
                  + Machine.host()
                  + ": its address is no number (0, 1, ...; not UUIDs or names of MIG parts). Let"
                  + " the discovery script print indexes.");
    }
  }

  @Test
  void aGpuThatIsNotThereIsNoProcessor() {
    assertThatThrownBy(() -> TaskDevice.find(DeviceChoice.GPU, gpus("2"), () -> 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot decode on GPU '2' of Spark on host "
                + Machine.host()
                + ": libtorch sees 2 GPUs there ("
                + LibTorch.version()
                + "). Check the driver, and that libtorch is a CUDA build.");
  }

  @Test
  void aGpuThatTheUserNamedAndIsNotThereIsTheUsersMistake() {
    assertThatThrownBy(
            () -> TaskDevice.find(DeviceChoice.parse("cuda:1"), Optional.empty(), () -> 1))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot decode on cuda:1 on host "
                + Machine.host()
                + ": libtorch sees 1 GPUs there ("
                + LibTorch.version()
                + "). Pass --device cpu, or start with a CUDA build of libtorch and its driver.");
  }

  @Test
  void readsChoices() {
    assertThat(DeviceChoice.parse("cpu")).isEqualTo(DeviceChoice.CPU);
    assertThat(DeviceChoice.parse("gpu")).isEqualTo(DeviceChoice.GPU);
    assertThat(DeviceChoice.parse("cuda")).hasToString("cuda:0");
    assertThat(DeviceChoice.parse("cuda:12")).hasToString("cuda:12");
    assertThatThrownBy(() -> DeviceChoice.parse("tpu"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use device 'tpu' (cpu, gpu, cuda or cuda:N). Pass --device cpu or --device"
                + " gpu.");
  }

  private static Optional<List<String>> gpus(String... addresses) {
    return Optional.of(List.of(addresses));
  }
}
