package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.executor.TandemPlugin;
import io.tandem.job.GenerateConditions.Companion;
import io.tandem.job.SweepOrder.Point;
import io.tandem.job.SweepResult.Summary;
import io.tandem.run.RunFolder;
import io.tandem.run.RunManifest;
import io.tandem.run.SweepFolder;
import io.tandem.run.SweepManifest;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.SessionSettings;
import io.tandem.sweep.SharedWork;
import io.tandem.table.MetricsTable;
import io.tandem.table.SweepRow;
import io.tandem.table.SweepTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes and evaluates all points of a sweep, or goes on with one that is there.
 *
 * <p>Each point is a run like any other. Points that decode a scale in common are made together, so
 * that it is decoded once; should that fail, each of them is tried alone. A point that fails is
 * reported, and the others are made all the same. What is done already, in samples and in
 * evaluations, is not done again.
 */
public final class SweepJob {

  private final SweepOrder order;
  private final GenerateJob.Software software;
  private final Companion companion;
  private final Map<String, String> failures = new LinkedHashMap<>();

  /** Points that failed by no fault of the user's, or have failed samples. */
  private final List<Integer> exitCodes = new ArrayList<>();

  private boolean isStopped;

  /** Prepares a job, which runs once. */
  public SweepJob(SweepOrder order, GenerateJob.Software software, Companion companion) {
    this.order = order;
    this.software = software;
    this.companion = companion;
  }

  /** Returns the groups in which points are made, with the bounds of what sharing saves. */
  public static List<SweepManifest.SweptGroup> groups(SweepOrder order) {
    List<SweepManifest.SweptGroup> groups = new ArrayList<>();
    for (List<Point> group : SweepGroups.of(order.points())) {
      SharedWork work = SweepGroups.work(group);
      groups.add(
          new SweepManifest.SweptGroup(
              group.stream().map(Point::name).toList(), work.separate(), work.shared()));
    }
    return groups;
  }

  /**
   * Makes what is missing.
   *
   * @throws UserError if the folder cannot be used
   */
  public SweepResult run() {
    SessionSettings settings = order.spark();
    check(
        !RunFolder.holdsRun(order.out(), settings.hadoop()),
        "Cannot sweep into '%s': it is the folder of a run (an empty or new folder, or that of a"
            + " sweep, is needed). Choose another --out.",
        order.out());
    SweepFolder folder = SweepFolder.open(order.out(), settings.hadoop());
    SweepManifest manifest =
        new SweepManifest(
            software.tandem(),
            Instant.now(),
            order.command(),
            order.points().stream()
                .map(point -> new SweepManifest.SweptPoint(point.name(), point.grid()))
                .toList(),
            groups(order));
    folder.write(manifest);
    // One session for all runs and evaluations, which join it.
    try (EmbeddedSpark spark =
        EmbeddedSpark.open(
            settings
                .plus("spark.plugins", TandemPlugin.class.getName())
                .orElse("spark.scheduler.mode", "FAIR"))) {
      companion.say("spark      " + spark.session().sparkContext().applicationId());
      for (List<Point> group : SweepGroups.of(order.points())) {
        if (!isStopped) {
          make(group);
        }
      }
      for (Point point : order.points()) {
        if (!isStopped && order.evaluation().isPresent() && !failures.containsKey(point.name())) {
          isStopped = companion.isStopWished();
          evaluate(point);
        }
      }
    }
    Summary summary = withFailures(SweepSummary.of(folder, manifest, settings));
    SweepTable.write(folder.system().getConf(), folder.root().toString(), summary.rows());
    return new SweepResult(
        isStopped ? SweepResult.Ending.STOPPED : SweepResult.Ending.DONE,
        summary,
        failures,
        exitCode());
  }

  /** What failed without a trace in the folder of its run is told by the table alone. */
  private Summary withFailures(Summary summary) {
    List<SweepRow> rows = new ArrayList<>();
    for (SweepRow row : summary.rows()) {
      String failure = failures.getOrDefault(row.point(), row.standing().message());
      SweepRow.Standing standing =
          new SweepRow.Standing(
              failures.containsKey(row.point()) && !row.standing().state().equals("done")
                  ? "failed"
                  : row.standing().state(),
              failure,
              row.standing().group(),
              row.standing().onFrontier());
      rows.add(
          new SweepRow(row.point(), row.grid(), row.run(), row.speed(), row.metrics(), standing));
    }
    return new Summary(summary.place(), summary.manifest(), rows);
  }

  private int exitCode() {
    if (isStopped) {
      return GenerateResult.INTERRUPTED;
    }
    if (failures.size() == order.points().size()) {
      return exitCodes.contains(GenerateResult.FAULT) ? GenerateResult.FAULT : GenerateResult.INPUT;
    }
    boolean isPartial = !failures.isEmpty() || exitCodes.contains(GenerateResult.FAILED_SAMPLES);
    return isPartial ? GenerateResult.FAILED_SAMPLES : GenerateResult.DONE;
  }

  private void make(List<Point> group) {
    List<GenerateConditions> conditions = SweepGroups.conditions(group);
    List<GenerateJob> jobs = new ArrayList<>();
    for (int i = 0; i < group.size(); i++) {
      Point point = group.get(i);
      companion.say("making     " + point.name());
      jobs.add(new GenerateJob(point.order(), conditions.get(i), software, companion));
    }
    if (group.size() > 1) {
      try {
        List<GroupJob.Ending> endings = new GroupJob(jobs, companion).run();
        for (int i = 0; i < group.size(); i++) {
          note(group.get(i), jobs.get(i), endings.get(i));
        }
        return;
      } catch (RuntimeException e) {
        companion.say(
            "points     %s cannot be made together (%s); each is tried alone"
                .formatted(
                    String.join(", ", group.stream().map(Point::name).toList()), message(e)));
      }
    }
    for (int i = 0; i < group.size() && !isStopped; i++) {
      note(group.get(i), jobs.get(i), alone(jobs.get(i)));
    }
  }

  private static GroupJob.Ending alone(GenerateJob job) {
    try {
      return GroupJob.Ending.of(job.run());
    } catch (RuntimeException e) {
      return GroupJob.Ending.of(e);
    }
  }

  private void note(Point point, GenerateJob job, GroupJob.Ending ending) {
    ending.failure().ifPresent(failure -> failed(point, failure));
    ending
        .result()
        .ifPresent(
            result -> {
              isStopped |= result.ending() == GenerateResult.Ending.STOPPED;
              exitCodes.add(job.exitCode(result));
            });
  }

  private void failed(Point point, RuntimeException failure) {
    failures.put(point.name(), message(failure));
    boolean isInput = failure instanceof UserError;
    exitCodes.add(isInput ? GenerateResult.INPUT : GenerateResult.FAULT);
    companion.say("failed     %s: %s".formatted(point.name(), message(failure)));
  }

  private static String message(RuntimeException failure) {
    return failure instanceof UserError ? failure.getMessage() : String.valueOf(failure);
  }

  private void evaluate(Point point) {
    SweepOrder.SweepEvaluation evaluation = order.evaluation().orElseThrow();
    EvaluateRequest request = evaluation.request(point.conditions().out());
    try {
      if (!isEvaluated(point, request)) {
        companion.say("evaluating %s".formatted(point.name()));
        new EvaluateJob(request, software, companion::say).run();
      }
    } catch (RuntimeException e) {
      failed(point, e);
    }
  }

  /** Says whether the last evaluation was of the same samples, and told as much. */
  private boolean isEvaluated(Point point, EvaluateRequest request) {
    try (RunFolder folder =
        RunFolder.openToRead(point.conditions().out(), order.spark().hadoop())) {
      RunManifest manifest = folder.manifest().orElseThrow();
      List<MetricsTable.MetricsRow> rows =
          MetricsTable.read(folder.system().getConf(), folder.root().toString());
      if (rows.isEmpty()) {
        return false;
      }
      MetricsTable.MetricsRow last = rows.get(rows.size() - 1);
      long samples = last.counts().get("samples") + last.counts().get("failed");
      return samples + last.counts().get("unusable")
              == folder.records(manifest).committed().images()
          && last.texts().get("reference").equals(request.reference())
          && last.texts().get("profile").equals(request.profile().label())
          && request.metrics().stream().allMatch(metric -> tells(last, metric))
          && (request.extent().errors() == EvaluateRequest.Errors.NONE
              || !request.metrics().contains(Metric.FID)
              || last.values().containsKey("fid_error"));
    }
  }

  private static boolean tells(MetricsTable.MetricsRow row, Metric metric) {
    String column =
        switch (metric) {
          case PR -> "precision";
          case FID_INFINITY -> "fid_infinity";
          default -> metric.label();
        };
    return row.values().containsKey(column);
  }

  /** Reads how the points of a sweep stand; starts no Spark. */
  public static Summary read(String sweep, SessionSettings spark) {
    SweepFolder folder = SweepFolder.openToRead(sweep, spark.hadoop());
    SweepManifest manifest =
        folder
            .manifest()
            .orElseThrow(
                () -> UserError.of("Cannot read sweep '%s': its sweep.json is empty", sweep));
    return SweepSummary.of(folder, manifest, spark);
  }
}
