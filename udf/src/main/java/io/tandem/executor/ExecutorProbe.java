package io.tandem.executor;

import io.tandem.engine.Machine;
import io.tandem.engine.Precisions;
import io.tandem.kernel.LibTorch;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.spark.api.java.function.MapPartitionsFunction;

/**
 * Looks at executors before a run begins: whether each has the device and can find the models, and
 * what makes its numbers. Weights of other file systems are copied meanwhile.
 *
 * <p>The first partition alone settles the precision, because on a processor that is measured.
 */
public final class ExecutorProbe implements MapPartitionsFunction<Long, ExecutorProbe.Finding> {

  private static final long serialVersionUID = 1L;

  private final GenerateSpec.ModelNames models;
  private final Setting setting;

  /**
   * What executors are asked to do.
   *
   * @param device where
   * @param precision as the user gave it, possibly {@code auto}
   * @param threads of a kernel on the processor
   * @param batchSize images per batch
   */
  public record Setting(DeviceChoice device, String precision, int threads, int batchSize)
      implements Serializable {}

  /**
   * What an executor is.
   *
   * @param precision resolved
   * @param identity what makes its numbers
   * @param machine in words
   */
  public record Finding(Precision precision, NumericIdentity identity, String machine)
      implements Serializable {}

  /** Prepares a probe. */
  public ExecutorProbe(GenerateSpec.ModelNames models, Setting setting) {
    this.models = models;
    this.setting = setting;
  }

  /**
   * Returns one finding in the first partition and none in others.
   *
   * @throws io.tandem.base.HopelessException if this executor cannot make the run
   * @throws io.tandem.base.UserError if it cannot compute in the precision
   */
  @Override
  public Iterator<Finding> call(Iterator<Long> partitions) {
    ModelFiles files = ModelFiles.ofThisHost();
    models.transformers().forEach(files::locate);
    files.locate(models.tokeniser());
    LibTorch.start();
    DeviceSpec device = TaskDevice.find(setting.device, TaskSite.ofThisThread().gpus());
    while (partitions.hasNext()) {
      if (partitions.next() == 0) {
        return List.of(apart(() -> finding(device))).iterator();
      }
    }
    return Collections.emptyIterator();
  }

  private Finding finding(DeviceSpec device) {
    Precision precision = Precisions.resolve(setting.precision, device);
    return new Finding(
        precision,
        NumericIdentity.ofThisJvm(precision, setting.batchSize, setting.threads, device),
        "%s, %s".formatted(Machine.host(), Machine.kind(device)));
  }

  /**
   * Returns what {@code work} returns, done in a thread that ends with it. Each thread that has run
   * a kernel in parallel keeps other threads for the next one, and as soon as a JVM has more of
   * these than cores, OpenMP's threads no longer spin between two kernels but sleep. Small kernels
   * then take twice as long.
   */
  private static <T> T apart(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task, "tandem-probe");
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get();
    } catch (InterruptedException e) {
      throw GeneratedRows.interrupted();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause();
    }
  }
}
