package io.tandem.spark;

import io.tandem.base.HopelessException;
import io.tandem.base.UserError;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.SparkContext;
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
   * @throws IllegalStateException around a checked exception of Spark
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
      throw hopeless
          .<RuntimeException>map(message -> UserError.because(e, "%s", message))
          .orElseGet(() -> unchecked(e));
    } finally {
      context.setLocalProperty(WORK, null);
      context.setLocalProperty(POOL, null);
      context.clearJobGroup();
      running.remove(name);
      queued.remove(name);
    }
  }

  /** Scala throws checked exceptions where no signature names them, SparkException among them. */
  private static RuntimeException unchecked(Exception e) {
    return e instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException(String.valueOf(e.getMessage()), e);
  }

  /** Cancels all jobs of all works; they fail. */
  public void cancel() {
    running.forEach(context::cancelJobGroup);
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
