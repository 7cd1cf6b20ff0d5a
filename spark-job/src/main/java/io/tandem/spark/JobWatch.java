package io.tandem.spark;

import io.tandem.base.HopelessException;
import io.tandem.base.UserError;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.JavaSparkStatusTracker;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;

/**
 * Gives Spark jobs a name and a pool, tells when they are queued, cancels them, and ends them at
 * once where a task says that trying again is hopeless.
 *
 * <p>Thread-safe; each thread names the jobs that it starts.
 */
public final class JobWatch implements AutoCloseable {

  private static final String POOL = "spark.scheduler.pool";
  private static final String WORK = "tandem.work";

  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LOOK_MILLIS = 50;

  private final SparkContext context;
  private final Listener listener = new Listener();

  /** What is told once the first job of a work is queued, by the name of the work. */
  private final Map<String, Runnable> queued = new ConcurrentHashMap<>();

  private final Set<String> running = ConcurrentHashMap.newKeySet();
  private volatile Optional<String> hopeless = Optional.empty();

  /** Watches the jobs of {@code session}. */
  public JobWatch(SparkSession session) {
    context = session.sparkContext();
    context.addSparkListener(listener);
  }

  /**
   * Returns the result of {@code work}, all of whose jobs carry {@code name}.
   *
   * @param name no other work has it at the same time
   * @param description for people, in Spark's pages
   * @param pool jobs of one pool go in the order in which they come; pools share the slots, where
   *     Spark was started so
   * @param whenQueued run once, when the first job of the work is queued
   * @throws UserError if a task found out that nothing can come of it
   */
  public <T> T run(
      String name, String description, String pool, Runnable whenQueued, Supplier<T> work) {
    queued.put(name, whenQueued);
    running.add(name);
    context.setJobGroup(name, description, true);
    context.setLocalProperty(POOL, pool);
    context.setLocalProperty(WORK, name);
    try {
      return work.get();
    } catch (Exception e) {
      // Spark throws its checked exceptions without declaring them.
      throw explained(description, e);
    } finally {
      context.setLocalProperty(WORK, null);
      context.setLocalProperty(POOL, null);
      context.clearJobGroup();
      running.remove(name);
      queued.remove(name);
    }
  }

  /** A task's message to the user is all that the user needs; Spark says much more around it. */
  private RuntimeException explained(String description, Exception failure) {
    Optional<String> message =
        HopelessException.among(failure).map(Throwable::getMessage).or(() -> hopeless);
    for (Throwable cause = failure; cause != null && message.isEmpty(); cause = cause.getCause()) {
      if (cause instanceof UserError) {
        message = Optional.of(cause.getMessage());
      }
    }
    if (message.isPresent()) {
      return UserError.because(failure, "%s", message.get());
    }
    return failure instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException("Spark failed at '" + description + "'", failure);
  }

  /** Cancels all jobs of all works; they fail. */
  public void cancel() {
    running.forEach(context::cancelJobGroup);
  }

  /**
   * Waits for the tasks of a work that is over: those of a job that was cancelled end later than
   * the job does. Half a minute at most, or until the thread is interrupted, which it then still
   * is.
   *
   * @param name what its jobs carry
   */
  public void awaitTasks(String name) {
    long end = System.nanoTime() + WAIT_NANOS;
    try {
      while (hasTasks(name) && System.nanoTime() < end) {
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean hasTasks(String name) {
    JavaSparkStatusTracker tracker = new JavaSparkContext(context).statusTracker();
    return Arrays.stream(tracker.getJobIdsForGroup(name))
        .mapToObj(tracker::getJobInfo)
        .filter(Objects::nonNull)
        .flatMapToInt(job -> Arrays.stream(job.stageIds()))
        .mapToObj(tracker::getStageInfo)
        .anyMatch(stage -> stage != null && stage.numActiveTasks() > 0);
  }

  @Override
  public void close() {
    context.removeSparkListener(listener);
  }

  /** Hears from Spark; its methods are called in one thread and must not wait. */
  private final class Listener extends SparkListener {

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      Properties properties = job.properties();
      String name = properties == null ? null : properties.getProperty(WORK);
      Runnable told = name == null ? null : queued.remove(name);
      if (told != null) {
        told.run();
      }
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd task) {
      if (task.reason() instanceof ExceptionFailure failure && failure.exception().isDefined()) {
        HopelessException.among(failure.exception().get()).ifPresent(this::giveUp);
      }
    }

    private void giveUp(HopelessException cause) {
      if (hopeless.isEmpty()) {
        hopeless = Optional.of(cause.getMessage());
      }
      cancel();
    }
  }
}
