package io.tandem.engine;

import static io.tandem.base.Checks.check;

import com.sun.management.OperatingSystemMXBean;
import io.tandem.base.UserError;
import io.tandem.kernel.LibTorch;
import io.tandem.model.DeviceSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The machine under this JVM. */
public final class Machine {

  private Machine() {}

  /**
   * Loads the natives and makes sure that {@code device} is there.
   *
   * @throws UserError if it is a GPU that this process does not see
   */
  public static void start(DeviceSpec device) {
    LibTorch.start();
    if (!device.isCpu()) {
      int gpus = LibTorch.gpuCount();
      check(
          device.index() < gpus,
          "Cannot use device %s: this process sees %d GPUs with %s (cpu%s). Pass --device cpu, or"
              + " start with a CUDA build of libtorch and its driver.",
          device,
          gpus,
          LibTorch.version(),
          gpus == 0 ? "" : " or cuda:0 to cuda:" + (gpus - 1));
    }
  }

  /** Returns the name of this host as it knows itself, without asking a name server. */
  public static String host() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return System.getenv().getOrDefault("HOSTNAME", "localhost");
    }
  }

  /**
   * Returns what decides which kernels run on {@code device}: the name of a GPU, or the instruction
   * sets of the processor.
   */
  public static String kind(DeviceSpec device) {
    return device.isCpu() ? Processor.ofThisMachine().kind() : LibTorch.gpuName(device);
  }

  /** Returns the bytes of memory that are free for tensors on {@code device}. */
  public static long freeBytes(DeviceSpec device) {
    return device.isCpu() ? availableBytes() : LibTorch.freeGpuBytes(device);
  }

  /** Returns the bytes of memory of this machine or of the container that the JVM runs in. */
  public static long totalBytes() {
    return operatingSystem().getTotalMemorySize();
  }

  /**
   * Returns the resident set of this process in bytes, and its peak; empty where there is no
   * procfs.
   */
  public static Optional<ResidentSet> residentSet() {
    Optional<Long> now = procLine("/proc/self/status", "VmRSS:");
    Optional<Long> peak = procLine("/proc/self/status", "VmHWM:");
    return now.flatMap(n -> peak.map(p -> new ResidentSet(n, p)));
  }

  /**
   * Memory of this process that is in RAM.
   *
   * @param bytes now
   * @param peakBytes most since the process began
   */
  public record ResidentSet(long bytes, long peakBytes) {}

  /** Pages that can be had without swapping; a container's own limit counts where it is less. */
  private static long availableBytes() {
    long free = operatingSystem().getFreeMemorySize();
    return procLine("/proc/meminfo", "MemAvailable:")
        .map(available -> Math.min(available, Math.max(free, totalBytes() - usedBytes())))
        .orElse(free);
  }

  private static long usedBytes() {
    return residentSet().map(ResidentSet::bytes).orElse(0L);
  }

  private static OperatingSystemMXBean operatingSystem() {
    return (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  }

  /** Returns the kB number of a procfs line, in bytes. */
  private static Optional<Long> procLine(String file, String key) {
    try {
      return Files.readAllLines(Path.of(file)).stream()
          .filter(line -> line.startsWith(key))
          .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
