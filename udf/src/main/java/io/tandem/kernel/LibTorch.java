package io.tandem.kernel;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import io.tandem.model.DeviceSpec;
import java.lang.management.MemoryUsage;

/** The native library under the kernels: its start, threads and devices. */
public final class LibTorch {

  private LibTorch() {}

  /** Loads on first use; the class loader gives the thread safety. */
  private static final class Holder {

    static final Engine ENGINE = load();

    private static Engine load() {
      System.setProperty("ai.djl.offline", "true");
      System.setProperty("OPT_OUT_TRACKING", "true");
      return Engine.getEngine("PyTorch");
    }
  }

  /**
   * Loads the natives on first use; later calls do nothing.
   *
   * <p>DJL would otherwise fetch missing natives from the network and report its use, so both are
   * switched off before it is touched.
   */
  public static void start() {
    engine();
  }

  private static Engine engine() {
    return Holder.ENGINE;
  }

  /** Returns the versions of DJL and libtorch in words. */
  public static String version() {
    return "DJL " + Engine.getDjlVersion() + ", libtorch " + engine().getVersion();
  }

  /** Adds work for the end of the JVM: it runs once no kernel runs and none can begin. */
  public static void atEnd(Runnable work) {
    KernelGate.atEnd(work);
  }

  /** Sets how many threads kernels that this thread calls use from now on. */
  public static void useThreads(int threads) {
    start();
    JniUtils.setNumThreads(threads);
  }

  /** Returns how many threads the kernels use. */
  public static int threads() {
    start();
    return JniUtils.getNumThreads();
  }

  /** Returns how many GPUs this process sees; 0 also where the natives are those of a processor. */
  public static int gpuCount() {
    return engine().getGpuCount();
  }

  static Device djlDevice(DeviceSpec device) {
    return device.isCpu() ? Device.cpu() : Device.gpu(device.index());
  }

  /** Returns the name of a GPU; its compute capability where the driver does not tell. */
  public static String gpuName(DeviceSpec device) {
    return GpuDriver.name(device)
        .orElseGet(() -> "GPU of compute capability " + computeCapability(device) / 10.0);
  }

  /** Returns the compute capability of a GPU, times ten. */
  public static int computeCapability(DeviceSpec device) {
    return Integer.parseInt(CudaUtils.getComputeCapability(device.index()));
  }

  /** Returns the bytes of a GPU's memory that are in use, by whatever process. */
  public static long usedGpuBytes(DeviceSpec device) {
    return CudaUtils.getGpuMemory(Device.gpu(device.index())).getCommitted();
  }

  /** Gives the memory that libtorch keeps for later back to the device; a processor has none. */
  public static void releaseSpareMemory(DeviceSpec device) {
    if (!device.isCpu()) {
      JniUtils.emptyCudaCache();
    }
  }

  /** Returns the bytes of a GPU's memory that are free. */
  public static long freeGpuBytes(DeviceSpec device) {
    MemoryUsage usage = CudaUtils.getGpuMemory(Device.gpu(device.index()));
    return usage.getMax() - usage.getCommitted();
  }
}
