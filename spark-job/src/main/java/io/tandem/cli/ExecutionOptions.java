package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.executor.DeviceChoice;
import io.tandem.job.ClusterShape;
import io.tandem.job.GenerateConditions;
import io.tandem.metrics.LatencyMode;
import io.tandem.spark.SessionSettings;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/** Options of where tasks compute, with what numbers, and what they measure. */
final class ExecutionOptions {

  private static final Set<String> PRECISIONS = Set.of("auto", "fp32", "bf16", "fp16");
  private static final int MOST_THREADS = 1024;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = {
        "cpu, gpu (the one that Spark gives the task), cuda or cuda:N (default: gpu where Spark gives"
            + " tasks one, else cpu)."
      })
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
      description = {
        "Cores of a task, and threads of its kernels on the processor (default: spark.task.cpus,"
            + " which is 1)."
      })
  private Integer threads;

  @Option(
      names = "--latency",
      defaultValue = "sync",
      paramLabel = "MODE",
      description = {
        "sync: the device is drained before each reading of the clock; launch: it is not; off"
            + " (default ${DEFAULT-VALUE})."
      })
  private String latency;

  /** Returns {@code given} with as many cores for a task as its kernels have threads. */
  SessionSettings with(SessionSettings given) {
    if (threads == null) {
      return given;
    }
    check(
        threads >= 1 && threads <= MOST_THREADS,
        "Cannot use --threads %d (1 to %d)",
        threads,
        MOST_THREADS);
    String cores = String.valueOf(threads);
    SessionSettings settings = given.orElse(ClusterShape.TASK_CPUS, cores);
    check(
        settings.values().get(ClusterShape.TASK_CPUS).equals(cores),
        "Cannot use --threads %d with %s=%s: a task has as many threads as cores. Pass one of them.",
        threads,
        ClusterShape.TASK_CPUS,
        settings.values().get(ClusterShape.TASK_CPUS));
    return settings;
  }

  /**
   * Returns where tasks compute.
   *
   * @throws UserError if an option has no such value
   */
  GenerateConditions.Execution execution(SessionSettings settings) {
    DeviceChoice choice =
        device == null ? ClusterShape.usualDevice(settings.values()) : DeviceChoice.parse(device);
    check(
        PRECISIONS.contains(precision),
        "Cannot use precision '%s' (fp32, bf16, fp16 or auto). Pass --precision auto.",
        precision);
    return new GenerateConditions.Execution(choice, precision, mode());
  }

  private LatencyMode mode() {
    for (LatencyMode each : LatencyMode.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(latency)) {
        return each;
      }
    }
    throw UserError.of("Cannot use --latency '%s' (sync, launch or off)", latency);
  }
}
