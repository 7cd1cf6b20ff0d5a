package io.tandem.executor;

import io.tandem.engine.Machine;
import io.tandem.registry.ModelRegistry;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.util.TaskCompletionListener;

/**
 * What a generation task finds around it.
 *
 * @param worker who it is
 * @param signals between it and Spark
 * @param gpus addresses of the GPUs that it was given; empty if it was given no such resource
 * @param registry lends models
 * @param files finds weights
 * @param end of the JVM, should its GPU fail
 */
record TaskSite(
    Worker worker,
    Signals signals,
    Optional<List<String>> gpus,
    ModelRegistry registry,
    Supplier<ModelFiles> files,
    ExecutorEnd end) {

  private static final String NO_EXECUTOR = "driver";

  /**
   * Who decodes.
   *
   * @param host name of the host
   * @param executor Spark's name of the executor
   * @param attempt Spark's number of the task attempt
   * @param cores that the task has
   */
  record Worker(String host, String executor, long attempt, int cores) {}

  /**
   * What a task and Spark tell each other.
   *
   * @param isKilled whether the task is to stop
   * @param whenTaskEnds adds what is to be done when the task ends, however it does
   */
  record Signals(BooleanSupplier isKilled, Consumer<Runnable> whenTaskEnds) {

    /** Nobody kills, and the end of the rows is the end of the task. */
    static final Signals NONE = new Signals(() -> false, work -> {});
  }

  /** Returns the surroundings of the task that this thread runs; it need be none of Spark's. */
  static TaskSite ofThisThread() {
    TaskContext task = TaskContext.get();
    SparkEnv env = SparkEnv.get();
    Worker worker =
        new Worker(
            Machine.host(),
            env == null ? NO_EXECUTOR : env.executorId(),
            task == null ? 0 : task.taskAttemptId(),
            task == null ? 1 : task.cpus());
    return new TaskSite(
        worker,
        task == null ? Signals.NONE : signals(task),
        Optional.ofNullable(task)
            .map(context -> context.resourcesJMap().get("gpu"))
            .map(ResourceInformation::addresses)
            .map(List::of),
        ModelRegistry.ofThisJvm(),
        ModelFiles::ofThisHost,
        ExecutorEnd.ofThisJvm());
  }

  private static Signals signals(TaskContext task) {
    return new Signals(
        task::isInterrupted,
        work -> {
          TaskCompletionListener listener = context -> work.run();
          task.addTaskCompletionListener(listener);
        });
  }
}
