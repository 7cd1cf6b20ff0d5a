package io.tandem.executor;

import io.tandem.base.HopelessException;
import io.tandem.base.UserError;
import io.tandem.engine.Machine;
import io.tandem.kernel.LibTorch;
import io.tandem.model.DeviceSpec;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/** Finds the device of a task. A GPU that was asked for and is not there is an error. */
final class TaskDevice {

  private static final int LONGEST_ADDRESS = 4;

  private TaskDevice() {}

  /** Spark gave the task no GPU that libtorch could be told to use. */
  static final class UnusableGpuException extends HopelessException {

    private static final long serialVersionUID = 1L;

    UnusableGpuException(String message) {
      super(message);
    }
  }

  /**
   * Returns the device.
   *
   * @param addresses of the GPUs that Spark gave the task; empty if it gave it no such resource
   * @throws HopelessException if Spark gave no GPU, or one that has no number
   * @throws IllegalStateException if this process does not see the GPU that Spark gave
   * @throws UserError if it does not see the one that the user named
   */
  static DeviceSpec find(DeviceChoice choice, Optional<List<String>> addresses) {
    return find(choice, addresses, LibTorch::gpuCount);
  }

  static DeviceSpec find(
      DeviceChoice choice, Optional<List<String>> addresses, IntSupplier gpuCount) {
    return switch (choice.kind()) {
      case CPU -> DeviceSpec.CPU;
      case FIXED -> fixed(choice.index(), gpuCount.getAsInt());
      case OF_TASK -> ofTask(addresses, gpuCount);
    };
  }

  private static DeviceSpec ofTask(Optional<List<String>> addresses, IntSupplier gpuCount) {
    if (addresses.isEmpty() || addresses.get().isEmpty()) {
      throw new UnusableGpuException(
          ("Cannot decode on a GPU on host %s: Spark gave the task no resource 'gpu'. Set"
                  + " spark.executor.resource.gpu.amount and spark.task.resource.gpu.amount, or pass"
                  + " --device cpu.")
              .formatted(Machine.host()));
    }
    String address = addresses.get().get(0);
    if (address.length() > LONGEST_ADDRESS || !address.matches("[0-9]+")) {
      throw new UnusableGpuException(
          ("Cannot decode on GPU '%s' of host %s: its address is no number (0, 1, ...; not UUIDs or"
                  + " names of MIG parts). Let the discovery script print indexes.")
              .formatted(address, Machine.host()));
    }
    int index = Integer.parseInt(address);
    int gpus = gpuCount.getAsInt();
    if (index >= gpus) {
      throw new IllegalStateException(
          ("Cannot decode on GPU '%s' of Spark on host %s: libtorch sees %d GPUs there (%s). Check"
                  + " the driver, and that libtorch is a CUDA build.")
              .formatted(address, Machine.host(), gpus, LibTorch.version()));
    }
    return new DeviceSpec(DeviceSpec.Kind.CUDA, index);
  }

  private static DeviceSpec fixed(int index, int gpus) {
    if (index >= gpus) {
      throw UserError.of(
          "Cannot decode on cuda:%d on host %s: libtorch sees %d GPUs there (%s). Pass --device"
              + " cpu, or start with a CUDA build of libtorch and its driver.",
          index, Machine.host(), gpus, LibTorch.version());
    }
    return new DeviceSpec(DeviceSpec.Kind.CUDA, index);
  }
}
