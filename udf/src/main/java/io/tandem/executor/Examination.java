package io.tandem.executor;

import io.tandem.engine.Machine;
import io.tandem.engine.Precisions;
import io.tandem.kernel.LibTorch;
import io.tandem.kernel.NativeVersions;
import io.tandem.model.DeviceSpec;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.api.java.function.MapPartitionsFunction;

/**
 * Tries out what an executor can do: natives, device, memory, folders. What does not work is a
 * finding, no error, so that one executor does not hide the others.
 */
public final class Examination implements MapPartitionsFunction<Long, Examination.Finding> {

  private static final long serialVersionUID = 1L;

  private static final String NONE = "none";

  private final DeviceChoice device;

  /**
   * What an executor is.
   *
   * @param host its host
   * @param executor Spark's name of it
   * @param system kernel, C library and Java
   * @param natives DJL, its JNI library and libtorch, and whose CUDA; or why they do not load
   * @param device of the task, and the precision that {@code auto} means there; or why there is
   *     none
   * @param memory of machine, tensors and JVM
   * @param folders where natives are unpacked and models are copied to
   * @param isGood whether it can decode
   */
  public record Finding(
      String host,
      String executor,
      String system,
      String natives,
      String device,
      Memory memory,
      List<Folder> folders,
      boolean isGood)
      implements Serializable {

    public Finding {
      folders = List.copyOf(folders);
    }
  }

  /**
   * Bytes of memory.
   *
   * @param totalBytes of the machine
   * @param freeBytes of them that tensors can have
   * @param heapBytes that the JVM may take for everything else
   */
  public record Memory(long totalBytes, long freeBytes, long heapBytes) implements Serializable {}

  /**
   * A folder that executors write to.
   *
   * @param use what for
   * @param path where
   * @param freeBytes on its disk
   * @param isWritable whether it, or the folder that it is to be made in, can be written
   */
  public record Folder(String use, String path, long freeBytes, boolean isWritable)
      implements Serializable {}

  /** Examines {@code device} of each task. */
  public Examination(DeviceChoice device) {
    this.device = device;
  }

  @Override
  public Iterator<Finding> call(Iterator<Long> tasks) {
    TaskSite site = TaskSite.ofThisThread();
    String system =
        "%s %s, glibc %s, Java %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                NativeVersions.glibc().orElse(NONE),
                System.getProperty("java.version"));
    String natives;
    String found = NONE;
    DeviceSpec where = DeviceSpec.CPU;
    boolean isGood = false;
    try {
      LibTorch.start();
      natives = natives();
      where = TaskDevice.find(device, site.gpus());
      Precisions precisions = Precisions.probe(where);
      found =
          "%s (%s), auto is %s: %s"
              .formatted(
                  where,
                  Machine.kind(where),
                  precisions.chosen().name().toLowerCase(Locale.ROOT),
                  precisions.reason());
      isGood = true;
    } catch (RuntimeException | LinkageError e) {
      natives = "cannot decode: " + e.getMessage();
    }
    List<Folder> folders =
        List.of(
            folder("natives", NativeVersions.cacheFolder()),
            folder("models", ModelFiles.folderOfThisHost()));
    return List.of(
            new Finding(
                site.worker().host(),
                site.worker().executor(),
                system,
                natives,
                found,
                memory(isGood ? where : DeviceSpec.CPU, isGood),
                folders,
                isGood && folders.stream().allMatch(Folder::isWritable)))
        .iterator();
  }

  private static String natives() {
    Optional<String> driver = NativeVersions.gpuDriver();
    return "%s, JNI loaded, CUDA %s, driver for CUDA %s, %d GPUs"
        .formatted(
            LibTorch.version(),
            NativeVersions.cudaRuntime().orElse(NONE),
            driver.orElse(NONE),
            LibTorch.gpuCount());
  }

  private static Memory memory(DeviceSpec device, boolean isKnown) {
    return new Memory(
        Machine.totalBytes(),
        isKnown ? Machine.freeBytes(device) : 0,
        Runtime.getRuntime().maxMemory());
  }

  private static Folder folder(String use, Path path) {
    Path there = path.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    long free;
    try {
      free = Files.getFileStore(there).getUsableSpace();
    } catch (IOException e) {
      free = 0;
    }
    return new Folder(
        use, path.toString(), free, Files.isDirectory(there) && Files.isWritable(there));
  }
}
