package io.tandem.job;

import io.tandem.base.UserError;
import io.tandem.job.GenerateConditions.Companion;
import io.tandem.run.RunFolder;
import io.tandem.run.RunLock;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.JobWatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Makes several data sets whose samples begin alike, each in a folder of its own, as {@link
 * GenerateJob} would make them one after another, and what they share once.
 *
 * <p>A run whose folder cannot be used fails, and the others go on without it.
 */
final class GroupJob {

  private final List<GenerateJob> jobs;
  private final Companion companion;
  private final Ending[] endings;

  /** What is open, to be closed in the other order. */
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /**
   * What became of a run.
   *
   * @param result of its job; none if it failed
   * @param failure why it failed; none if it did not
   */
  record Ending(Optional<GenerateResult> result, Optional<RuntimeException> failure) {

    static Ending of(GenerateResult result) {
      return new Ending(Optional.of(result), Optional.empty());
    }

    static Ending of(RuntimeException failure) {
      return new Ending(Optional.empty(), Optional.of(failure));
    }
  }

  /** Prepares a job, which runs once, for runs that fit together. */
  GroupJob(List<GenerateJob> jobs, Companion companion) {
    this.jobs = List.copyOf(jobs);
    this.companion = companion;
    this.endings = new Ending[jobs.size()];
  }

  /** A run whose folder is ours. */
  private record Held(int number, GeneratePlan plan, RunFolder folder, RunLock lock) {}

  /**
   * Makes what is missing and returns what became of each run.
   *
   * @throws RuntimeException if the runs failed together; each may yet succeed alone
   */
  List<Ending> run() {
    try {
      List<Held> held = new ArrayList<>();
      for (int i = 0; i < jobs.size(); i++) {
        hold(i).ifPresent(held::add);
      }
      if (!held.isEmpty()) {
        make(held);
      }
      return Arrays.asList(endings);
    } finally {
      close();
    }
  }

  private Optional<Held> hold(int number) {
    GenerateJob job = jobs.get(number);
    try {
      RunFolder folder = RunFolder.open(job.conditions().out(), job.conditions().spark().hadoop());
      open.push(folder);
      Optional<GenerateResult> complete = job.complete(folder);
      if (complete.isPresent()) {
        endings[number] = Ending.of(complete.get());
        return Optional.empty();
      }
      GeneratePlan plan = GeneratePlan.of(job.order(), job.conditions());
      plan.checkMemory(job.conditions());
      RunLock lock = job.locked(folder);
      open.push(lock);
      return Optional.of(new Held(number, plan, folder, lock));
    } catch (UserError e) {
      endings[number] = Ending.of(e);
      return Optional.empty();
    }
  }

  private void make(List<Held> held) {
    EmbeddedSpark spark = EmbeddedSpark.open(jobs.get(0).settings());
    open.push(spark);
    JobWatch watch = new JobWatch(spark.session());
    open.push(watch);
    List<GenerateStart> starts = new ArrayList<>();
    for (Held each : held) {
      each.lock.nameApplication(spark.session().sparkContext().applicationId());
      GenerateStart.Place place =
          new GenerateStart.Place(each.folder, Optional.empty(), each.lock, spark, watch);
      starts.add(new GenerateStart(jobs.get(each.number), each.plan, place));
    }
    List<GenerateResult> results = new GroupStart(starts, watch, companion).run();
    for (int i = 0; i < results.size(); i++) {
      endings[held.get(i).number] = Ending.of(results.get(i));
    }
  }

  private void close() {
    RuntimeException failure = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        failure = failure == null ? new IllegalStateException(e) : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
