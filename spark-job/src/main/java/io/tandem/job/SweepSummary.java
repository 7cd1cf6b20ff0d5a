package io.tandem.job;

import io.tandem.base.UserError;
import io.tandem.job.SweepResult.Summary;
import io.tandem.run.CommittedWaves;
import io.tandem.run.RunFolder;
import io.tandem.run.RunManifest;
import io.tandem.run.RunModel;
import io.tandem.run.RunState;
import io.tandem.run.RunStatus;
import io.tandem.run.SweepFolder;
import io.tandem.run.SweepManifest;
import io.tandem.spark.SessionSettings;
import io.tandem.table.BatchLatency;
import io.tandem.table.LatencyTable;
import io.tandem.table.MetricsTable;
import io.tandem.table.RecordedWave;
import io.tandem.table.SweepRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads how the points of a sweep stand: from the folders of their runs alone, without Spark, so
 * that it is the same whoever made them and when.
 */
final class SweepSummary {

  private final SweepFolder folder;
  private final SessionSettings spark;
  private final SweepManifest manifest;

  private SweepSummary(SweepFolder folder, SweepManifest manifest, SessionSettings spark) {
    this.folder = folder;
    this.manifest = manifest;
    this.spark = spark;
  }

  /** Returns how the points of {@code manifest} stand. */
  static Summary of(SweepFolder folder, SweepManifest manifest, SessionSettings spark) {
    return new SweepSummary(folder, manifest, spark).read();
  }

  private Summary read() {
    List<SweepRow> rows = manifest.points().stream().map(this::row).toList();
    return new Summary(folder.toString(), manifest, withFrontier(rows));
  }

  private SweepRow row(SweepManifest.SweptPoint point) {
    String place = folder.point(point.name());
    int group = 0;
    while (!manifest.groups().get(group).points().contains(point.name())) {
      group++;
    }
    if (!RunFolder.holdsRun(place, spark.hadoop())) {
      return new SweepRow(
          point.name(),
          point.settings(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          new SweepRow.Standing("missing", "", group + 1, false));
    }
    try (RunFolder run = RunFolder.openToRead(place, spark.hadoop())) {
      RunManifest there = run.manifest().orElseThrow();
      CommittedWaves committed = run.records(there).committed();
      List<RecordedWave> waves = RecordedWaves.of(run.records(there));
      Optional<RunStatus> status = run.status();
      boolean isWhole = committed.images() == there.plan().images();
      return new SweepRow(
          point.name(),
          point.settings(),
          Optional.of(
              new SweepRow.Run(
                  there.runId(),
                  there.settings().options(),
                  committed.images() - committed.failed(),
                  committed.failed(),
                  committed.bytes(),
                  there.settings().models().stream().mapToLong(RunModel::bytes).sum())),
          speed(run, waves),
          isWhole ? metrics(run) : Map.of(),
          new SweepRow.Standing(
              state(isWhole, status),
              isWhole ? "" : status.map(RunStatus::message).orElse(""),
              group + 1,
              false));
    }
  }

  private static String state(boolean isWhole, Optional<RunStatus> status) {
    if (isWhole) {
      return "done";
    }
    return status.filter(each -> each.state() == RunState.FAILED).isPresent()
        ? "failed"
        : "interrupted";
  }

  private static Map<String, Double> metrics(RunFolder run) {
    List<MetricsTable.MetricsRow> rows =
        MetricsTable.read(run.system().getConf(), run.root().toString());
    Map<String, Double> values = new HashMap<>();
    if (!rows.isEmpty()) {
      values.putAll(rows.get(rows.size() - 1).values());
      values.remove("seconds");
    }
    return values;
  }

  private static Optional<SweepRow.Speed> speed(RunFolder run, List<RecordedWave> waves) {
    LatencySummary.Collector collector = new LatencySummary.Collector();
    double[] drafting = new double[2];
    try {
      LatencyTable.read(
          run.system().getConf(),
          run.root().toString(),
          waves,
          batch -> {
            collector.add(batch);
            BatchLatency.Stages stages = batch.stages();
            drafting[0] += (stages.totalNanos() - stages.vaeNanos()) / 1e9;
            drafting[1] += (stages.shareNanos() - stages.vaeNanos()) / 1e9;
          });
    } catch (UserError e) {
      return Optional.empty(); // verify tells what is damaged
    }
    LatencySummary latency = collector.summary();
    if (latency.conditions().isEmpty()) {
      return Optional.empty();
    }
    double milliseconds =
        latency.vae().median()
            + latency.encode().median()
            + latency.scales().stream().mapToDouble(scale -> scale.time().median()).sum();
    List<SweepRow.Scale> scales = new ArrayList<>();
    for (LatencySummary.ScaleTime scale : latency.scales()) {
      scales.add(
          new SweepRow.Scale(
              scale.scale(),
              scale.side(),
              scale.model(),
              scale.prefillTokens(),
              scale.time().median(),
              scale.time().p95(),
              scale.cacheBytes()));
    }
    return Optional.of(
        new SweepRow.Speed(
            1000.0 * latency.conditions().get().concurrentTasks() / milliseconds,
            latency.vae().median(),
            latency.encode().median(),
            scales,
            new SweepRow.Drafting(drafting[0], drafting[1])));
  }

  /** Marks the points that no other one beats in FID and images per second at once. */
  private static List<SweepRow> withFrontier(List<SweepRow> rows) {
    List<SweepRow> marked = new ArrayList<>();
    for (SweepRow row : rows) {
      boolean isOnFrontier =
          isPlaced(row) && rows.stream().noneMatch(other -> isPlaced(other) && beats(other, row));
      SweepRow.Standing standing = row.standing();
      marked.add(
          new SweepRow(
              row.point(),
              row.grid(),
              row.run(),
              row.speed(),
              row.metrics(),
              new SweepRow.Standing(
                  standing.state(), standing.message(), standing.group(), isOnFrontier)));
    }
    return marked;
  }

  private static boolean isPlaced(SweepRow row) {
    return row.metrics().containsKey("fid") && row.speed().isPresent();
  }

  private static boolean beats(SweepRow one, SweepRow other) {
    double fid = one.metrics().get("fid");
    double otherFid = other.metrics().get("fid");
    double rate = one.speed().orElseThrow().imagesPerSecond();
    double otherRate = other.speed().orElseThrow().imagesPerSecond();
    return fid <= otherFid && rate >= otherRate && (fid < otherFid || rate > otherRate);
  }
}
