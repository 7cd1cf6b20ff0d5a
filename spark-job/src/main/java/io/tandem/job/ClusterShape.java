package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.executor.DeviceChoice;
import io.tandem.run.ExecutorMemory;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Spark will run tasks on, as far as its settings tell before it is started.
 *
 * @param master where
 * @param executors how many JVMs run tasks; 1 where the driver does
 * @param slotsPerExecutor tasks at once in each
 * @param cpusPerTask cores of a task, which are the threads of its kernels
 * @param memory of an executor; empty where the driver runs the tasks
 */
public record ClusterShape(
    String master,
    int executors,
    int slotsPerExecutor,
    int cpusPerTask,
    Optional<ExecutorMemory> memory) {

  /** Setting of the cores of a task. */
  public static final String TASK_CPUS = "spark.task.cpus";

  private static final String MASTER = "spark.master";
  private static final String GPU_OF_TASK = "spark.task.resource.gpu.amount";
  private static final String GPU_OF_EXECUTOR = "spark.executor.resource.gpu.amount";

  private static final Pattern LOCAL = Pattern.compile("local(\\[([0-9]+|\\*)(,[0-9]+)?\\])?");

  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*([0-9]+)\\s*,\\s*([0-9]+)\\s*,\\s*([0-9]+)\\s*]");

  private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})([bkmgt]?)b?");

  /**
   * Returns the shape that Spark's settings describe. A cluster that grows as it likes counts with
   * the executors that it begins with.
   *
   * @throws io.tandem.base.UserError if a number is none
   */
  public static ClusterShape of(Map<String, String> settings) {
    String master = settings.getOrDefault(MASTER, "local[*]");
    int cpus = number(settings, TASK_CPUS, 1);
    Matcher local = LOCAL.matcher(master);
    if (local.matches()) {
      int cores = localCores(local.group(2));
      check(
          cores >= cpus,
          "Cannot run tasks of %d cores on '%s', which has %d. Correct --threads or --master.",
          cpus,
          master,
          cores);
      return new ClusterShape(master, 1, cores / cpus, cpus, Optional.empty());
    }
    Matcher localCluster = LOCAL_CLUSTER.matcher(master);
    boolean isLocalCluster = localCluster.matches();
    int executors =
        isLocalCluster
            ? Integer.parseInt(localCluster.group(1))
            : number(settings, "spark.executor.instances", 2);
    int cores =
        isLocalCluster
            ? Integer.parseInt(localCluster.group(2))
            : number(settings, "spark.executor.cores", 1);
    int slots = Math.min(Math.max(1, cores / cpus), gpuSlots(settings));
    return new ClusterShape(
        master, Math.max(1, executors), slots, cpus, Optional.of(memory(settings)));
  }

  private static int localCores(String count) {
    if (count == null) {
      return 1;
    }
    return count.equals("*") ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(count);
  }

  /** A share of a GPU lets several tasks have it; whole ones limit the tasks. */
  private static int gpuSlots(Map<String, String> settings) {
    if (!settings.containsKey(GPU_OF_TASK)) {
      return Integer.MAX_VALUE;
    }
    double perTask;
    try {
      perTask = Double.parseDouble(settings.get(GPU_OF_TASK));
    } catch (NumberFormatException e) {
      perTask = 0;
    }
    check(
        perTask > 0, "Cannot use %s=%s (a number above 0)", GPU_OF_TASK, settings.get(GPU_OF_TASK));
    return Math.max(1, (int) (number(settings, GPU_OF_EXECUTOR, 1) / perTask));
  }

  private static ExecutorMemory memory(Map<String, String> settings) {
    ExecutorMemory usual =
        ExecutorMemory.ofHeap(mebibytes(settings, "spark.executor.memory", "1g"));
    String overhead = "spark.executor.memoryOverhead";
    return settings.containsKey(overhead)
        ? new ExecutorMemory(usual.heapBytes(), mebibytes(settings, overhead, ""))
        : usual;
  }

  /** Returns bytes; a number without a unit is of mebibytes. */
  private static long mebibytes(Map<String, String> settings, String key, String otherwise) {
    String text = settings.getOrDefault(key, otherwise).strip().toLowerCase(Locale.ROOT);
    Matcher size = SIZE.matcher(text);
    check(size.matches(), "Cannot use %s=%s (a size such as 4g or 512m)", key, text);
    String unit = size.group(2).isEmpty() ? "m" : size.group(2);
    return Long.parseLong(size.group(1)) << (10 * "bkmgt".indexOf(unit));
  }

  private static int number(Map<String, String> settings, String key, int otherwise) {
    String text = settings.get(key);
    if (text == null) {
      return otherwise;
    }
    check(
        text.matches("[1-9][0-9]{0,6}"), "Cannot use %s=%s (a whole number from 1 on)", key, text);
    return Integer.parseInt(text);
  }

  /** Returns the tasks at once in the whole cluster. */
  public int slots() {
    return Math.multiplyExact(executors, slotsPerExecutor);
  }

  /** Returns whether the driver runs the tasks. */
  public boolean isLocal() {
    return memory.isEmpty();
  }

  /** Returns whether somebody counts what executors take outside their heaps, and ends them. */
  public boolean hasContainers() {
    return master.startsWith("yarn") || master.startsWith("k8s:");
  }

  /** Returns the device that tasks have if nobody says otherwise: the GPU that Spark gives them. */
  public static DeviceChoice usualDevice(Map<String, String> settings) {
    return settings.containsKey(GPU_OF_TASK) ? DeviceChoice.GPU : DeviceChoice.CPU;
  }
}
