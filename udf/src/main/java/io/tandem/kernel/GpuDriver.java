package io.tandem.kernel;

import com.sun.jna.NativeLibrary;
import com.sun.jna.ptr.IntByReference;
import io.tandem.model.DeviceSpec;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Asks the CUDA driver what libtorch's Java face does not tell. */
final class GpuDriver {

  private static final String LIBRARY = "libcuda.so.1";
  private static final int LONGEST_NAME = 256;

  private GpuDriver() {}

  /** Returns the name of a GPU, such as {@code NVIDIA H100 80GB HBM3}; empty without a driver. */
  static Optional<String> name(DeviceSpec device) {
    try {
      NativeLibrary driver = NativeLibrary.getInstance(LIBRARY);
      IntByReference handle = new IntByReference();
      byte[] name = new byte[LONGEST_NAME];
      boolean told =
          call(driver, "cuInit", 0)
              && call(driver, "cuDeviceGet", handle, device.index())
              && call(driver, "cuDeviceGetName", name, name.length, handle.getValue());
      return told ? Optional.of(text(name)) : Optional.empty();
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the newest CUDA that the driver knows, such as {@code 12.8}; empty without a driver.
   */
  static Optional<String> version() {
    try {
      IntByReference version = new IntByReference();
      return call(NativeLibrary.getInstance(LIBRARY), "cuDriverGetVersion", version)
          ? Optional.of(version.getValue() / 1000 + "." + version.getValue() % 1000 / 10)
          : Optional.empty();
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  private static boolean call(NativeLibrary driver, String function, Object... arguments) {
    return driver.getFunction(function).invokeInt(arguments) == 0;
  }

  private static String text(byte[] name) {
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return new String(name, 0, length, StandardCharsets.US_ASCII);
  }
}
