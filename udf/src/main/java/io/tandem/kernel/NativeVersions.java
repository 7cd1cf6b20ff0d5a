package io.tandem.kernel;

import ai.djl.util.Utils;
import ai.djl.util.cuda.CudaUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.nio.file.Path;
import java.util.Optional;

/** What natives find on this machine, apart from libtorch itself. Nothing of it needs a GPU. */
public final class NativeVersions {

  private NativeVersions() {}

  /** Returns the version of the C library, such as {@code 2.35}; empty if it is not glibc. */
  public static Optional<String> glibc() {
    try {
      Function version = NativeLibrary.getInstance("c").getFunction("gnu_get_libc_version");
      return Optional.ofNullable(version.invokeString(new Object[0], false));
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the newest CUDA that the driver knows, such as {@code 12.8}; empty without a driver.
   */
  public static Optional<String> gpuDriver() {
    return GpuDriver.version();
  }

  /** Returns the version of the CUDA runtime that DJL found, such as {@code 128}. */
  public static Optional<String> cudaRuntime() {
    return CudaUtils.hasCuda()
        ? Optional.ofNullable(CudaUtils.getCudaVersionString())
        : Optional.empty();
  }

  /** Returns the folder that natives are unpacked to. */
  public static Path cacheFolder() {
    return Utils.getEngineCacheDir();
  }
}
