package io.tandem.job;

import io.tandem.executor.GenerateGroup;
import io.tandem.executor.GenerateGroupPartition;
import io.tandem.job.GenerateConditions.Companion;
import io.tandem.job.WaveLoop.Outcome;
import io.tandem.spark.JobWatch;
import io.tandem.table.GroupRows;
import io.tandem.wave.Wave;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A start of several runs at once, with their folders locked and Spark at hand: a wave that several
 * of them miss is decoded once for all of them, and committed run by run. Runs once.
 */
final class GroupStart {

  private final List<GenerateStart> starts;
  private final JobWatch watch;
  private final Companion companion;

  /**
   * Makes a start.
   *
   * @param starts of the runs, which share Spark and {@code watch} over its jobs
   */
  GroupStart(List<GenerateStart> starts, JobWatch watch, Companion companion) {
    this.starts = starts;
    this.watch = watch;
    this.companion = companion;
  }

  /** Makes what is missing and returns the result of each run. */
  List<GenerateResult> run() {
    try {
      starts.forEach(GenerateStart::begin);
      Map<Wave, List<GenerateStart>> missing = missing();
      List<Wave> waves =
          missing.keySet().stream()
              .sorted(Comparator.comparingLong(Wave::first).thenComparing(Wave::end))
              .toList();
      WaveLoop loop =
          new WaveLoop(
              (wave, queued) -> make(wave, missing.get(wave), queued),
              watch::cancel,
              this::isStopWished);
      Outcome outcome = Ticker.during(this::tell, () -> loop.run(waves.iterator()));
      return starts.stream().map(start -> start.end(outcome)).toList();
    } catch (RuntimeException | Error e) {
      starts.forEach(start -> start.endBadly(e));
      throw e;
    }
  }

  private Map<Wave, List<GenerateStart>> missing() {
    Map<Wave, List<GenerateStart>> missing = new LinkedHashMap<>();
    for (GenerateStart start : starts) {
      start
          .missing()
          .forEach(wave -> missing.computeIfAbsent(wave, any -> new ArrayList<>()).add(start));
    }
    return missing;
  }

  private boolean isStopWished() {
    boolean isWished = companion.isStopWished();
    for (GenerateStart start : starts) {
      isWished |= start.isStopWished();
    }
    return isWished;
  }

  private void tell() {
    companion.progressed(
        starts.stream().mapToLong(GenerateStart::done).sum(),
        starts.stream().mapToLong(GenerateStart::images).sum());
  }

  private void make(Wave wave, List<GenerateStart> members, Runnable queued) {
    List<WaveCommitter> committers =
        members.stream()
            .map(GenerateStart::committer)
            .filter(committer -> !committer.holds(wave))
            .toList();
    if (committers.size() < 2) {
      committers.forEach(committer -> committer.make(wave, queued));
      return;
    }
    GenerateGroup group = new GenerateGroup(committers.stream().map(WaveCommitter::spec).toList());
    try (GroupRows rows =
        committers.get(0).batches(wave).images(new GenerateGroupPartition(group, wave))) {
      for (int i = 0; i < committers.size(); i++) {
        int run = i;
        boolean decodes = i == 0;
        committers
            .get(i)
            .make(
                wave,
                new WaveCommitter.Source(
                    () -> rows.of(run),
                    // The first one decodes; the others only copy, and wait for no other wave.
                    decodes ? GenerateStart.WAVES : GenerateStart.RECORDS,
                    decodes ? queued : () -> {}));
      }
    }
  }
}
