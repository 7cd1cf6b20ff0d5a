package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.engine.Machine;
import io.tandem.engine.Precisions;
import io.tandem.job.TrainingPlace;
import io.tandem.kernel.LibTorch;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Options of where and with what numbers kernels run. */
final class DeviceOptions {

  private static final int MOST_THREADS = 1024;

  @Option(
      names = "--device",
      defaultValue = "cpu",
      paramLabel = "DEVICE",
      description = "cpu, cuda or cuda:N (default ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--precision",
      defaultValue = "auto",
      paramLabel = "P",
      description = {
        "Number format of products: fp32, bf16, fp16, or auto, which doctor explains (default"
            + " ${DEFAULT-VALUE})."
      })
  private String precision;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of a kernel on the processor (default: those libtorch takes).")
  private Integer threads;

  private Execution started;

  /**
   * Where kernels run.
   *
   * @param device a device that is there
   * @param precision resolved
   * @param threads of a kernel
   */
  record Execution(DeviceSpec device, Precision precision, int threads) {

    /** Returns the setting as a line, ended. */
    String text() {
      return "setting    %s on %s, %d threads (%s)%n"
          .formatted(
              precision.name().toLowerCase(Locale.ROOT), device, threads, Software.versions());
    }
  }

  /**
   * Starts the natives on the first call and makes sure that device and precision can be used.
   *
   * @throws io.tandem.base.UserError if they cannot
   */
  Execution start() {
    if (started == null) {
      started = started();
    }
    return started;
  }

  private Execution started() {
    DeviceSpec spec = DeviceSpec.parse(device);
    check(
        threads == null || (threads >= 1 && threads <= MOST_THREADS),
        "Cannot use --threads %s (1 to %d)",
        threads,
        MOST_THREADS);
    Machine.start(spec);
    if (threads != null) {
      LibTorch.useThreads(threads);
    }
    return new Execution(spec, Precisions.resolve(precision, spec), LibTorch.threads());
  }

  /**
   * Starts the natives as {@link #start} does and returns where to train. Products of float16 would
   * need scaled losses, so {@code auto} means float32 where it would mean float16 for decoding.
   *
   * @throws io.tandem.base.UserError if device and precision cannot be used, or not for training
   */
  TrainingPlace trainingPlace() {
    check(
        !precision.equals("fp16"),
        "Cannot train with precision fp16: small gradients would vanish (fp32, bf16 or auto). Pass"
            + " --precision auto.");
    Execution execution = start();
    return new TrainingPlace(
        execution.device(),
        execution.precision() == Precision.FP16 ? Precision.FP32 : execution.precision());
  }
}
