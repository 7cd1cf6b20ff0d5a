package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.executor.FeatureSpec;
import io.tandem.features.Profile;
import io.tandem.job.ClusterShape;
import io.tandem.job.DataSetOrder;
import io.tandem.job.EvaluateRequest;
import io.tandem.job.FeatureRequest;
import io.tandem.job.GenerateConditions;
import io.tandem.job.GenerateJob;
import io.tandem.job.JsonFile;
import io.tandem.job.Metric;
import io.tandem.job.ModelSources;
import io.tandem.job.SweepJob;
import io.tandem.job.SweepOrder;
import io.tandem.job.SweepOrder.SweepEvaluation;
import io.tandem.job.SweepReportJob;
import io.tandem.job.SweepResult;
import io.tandem.report.SweepPage;
import io.tandem.report.SweepText;
import io.tandem.run.SweepFolder;
import io.tandem.spark.SessionSettings;
import io.tandem.sweep.Grid;
import io.tandem.sweep.GridPoint;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem sweep}: data sets over a grid of settings, evaluated and compared. */
@Command(
    name = "sweep",
    sortOptions = false,
    description = {
      "Makes and evaluates a data set for each point of a grid, which the file of --config holds:"
          + " axes { draft-scales = [6, 7] } for all combinations, points = [{ name = small,"
          + " draft-scales = 6 }] for single ones. Each point is a run below points/ like those of"
          + " generate; scales that points have in common are decoded once. Writes the table sweep"
          + " and report.html. The same command goes on where it stopped."
    })
final class SweepCommand implements Callable<Integer>, SparkCommand {

  private static final String NO_METRICS = "none";

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "PATH",
      description = "Folder of the sweep, on any file system that Hadoop knows.")
  private String out;

  @Mixin private DataSetOptions dataSet;
  @Mixin private WaveOptions waves;

  @Option(
      names = "--features",
      defaultValue = "demo",
      paramLabel = "NETWORK",
      description = "Feature network, as of evaluate (default ${DEFAULT-VALUE}).")
  private String network;

  @Option(
      names = "--profile",
      paramLabel = "P",
      description = "Profile, as of evaluate (default: demo with --features demo, else adm).")
  private String profile;

  @Option(
      names = "--reference",
      defaultValue = "demo",
      paramLabel = "REFERENCE",
      description = "What points are compared with, as of evaluate (default ${DEFAULT-VALUE}).")
  private String reference;

  @Option(
      names = "--metrics",
      paramLabel = "NAMES",
      description = {
        "Of fid, sfid, is, pr, kid, fid-infinity, separated by commas (default: what the profile's"
            + " tool has), or none to evaluate nothing."
      })
  private String metrics;

  @Option(
      names = "--errors",
      defaultValue = "jackknife",
      paramLabel = "HOW",
      description = "Standard errors: jackknife or none (default ${DEFAULT-VALUE}).")
  private String errors;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result for machines.")
  private Path json;

  @Option(names = "--dry-run", description = "Print the points and what they share; write nothing.")
  private boolean isDryRun;

  private SparkArguments forSpark = SparkArguments.NONE;

  @Override
  public void useSpark(SparkArguments arguments) {
    forSpark = arguments;
  }

  @Override
  public Integer call() {
    check(out != null || isDryRun, "Cannot sweep to nowhere. Pass --out PATH, or --dry-run.");
    SessionSettings settings =
        dataSet
            .execution()
            .with(
                SessionSettings.of(
                    Runtime.getRuntime().availableProcessors(), forSpark.settings()));
    SweepOrder order =
        new SweepOrder(
            out == null ? "." : out,
            points(settings),
            evaluation(settings),
            spec.root().commandLine().getParseResult().originalArgs(),
            settings);
    printer().print(SweepText.of(order, SweepJob.groups(order)));
    if (isDryRun) {
      return ExitCode.DONE;
    }
    return run(order);
  }

  private int run(SweepOrder order) {
    try (StopSignals signals = StopSignals.listen(spec.commandLine().getErr())) {
      SweepResult result =
          new SweepJob(
                  order,
                  new GenerateJob.Software(Tandem.Version.text(), Software.byName()),
                  new GenerateLine(spec.commandLine().getErr(), signals::isStopWished))
              .run();
      if (json != null) {
        JsonFile.write(json, result);
      }
      printer().print(SweepText.of(result));
      String page =
          SweepFolder.open(out, order.spark().hadoop())
              .writePage(
                  SweepPage.of(new SweepReportJob(out, order.spark()).run())
                      .getBytes(StandardCharsets.UTF_8));
      printer().println("page       " + page);
      return result.exitCode();
    }
  }

  private Optional<SweepEvaluation> evaluation(SessionSettings settings) {
    if (NO_METRICS.equals(metrics)) {
      return Optional.empty();
    }
    Profile rules = FeatureOptions.profile(network, profile);
    return Optional.of(
        new SweepEvaluation(
            reference,
            metrics == null ? Metric.usual(rules) : Metric.parse(metrics, rules),
            EvaluateRequest.Errors.parse(errors),
            new FeatureRequest(
                network,
                rules,
                ClusterShape.usualDevice(settings.values()),
                new FeatureRequest.Pictures(FeatureSpec.Colours.RGB_ONLY, 0, OptionalInt.empty()),
                Optional.empty(),
                settings)));
  }

  private List<SweepOrder.Point> points(SessionSettings settings) {
    NavigableSet<String> keys = PointOptions.keys();
    ConfigFile file = (ConfigFile) spec.commandLine().getDefaultValueProvider();
    Grid grid = file.grid(keys);
    Map<String, List<String>> given = given(keys, grid);
    Map<String, List<String>> base = new HashMap<>(file.with(given));
    base.keySet().retainAll(keys);
    ConfigFile common = ConfigFile.of(base);
    Map<Object, DataSetOptions.Opened> opened = new HashMap<>();
    List<SweepOrder.Point> points = new ArrayList<>();
    for (GridPoint point : grid.points()) {
      DataSetOptions options = PointOptions.read(point.name(), common.with(point.settings()));
      try {
        points.add(point(point, options, opened, settings));
      } catch (UserError e) {
        throw UserError.because(e, "Cannot use the point '%s': %s", point.name(), e.getMessage());
      }
    }
    return points;
  }

  /** Returns what the command line sets for all points. */
  private Map<String, List<String>> given(NavigableSet<String> keys, Grid grid) {
    Map<String, List<String>> given = new HashMap<>();
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
      String key = option.longestName().substring(2);
      if (keys.contains(key)) {
        boolean isInGrid =
            grid.axes().containsKey(key)
                || grid.listed().values().stream().anyMatch(point -> point.containsKey(key));
        check(
            !isInGrid,
            "Cannot use --%s: the points of the grid differ in it. Change the file instead.",
            key);
        given.put(key, option.originalStringValues());
      }
    }
    return given;
  }

  private SweepOrder.Point point(
      GridPoint point,
      DataSetOptions options,
      Map<Object, DataSetOptions.Opened> opened,
      SessionSettings settings) {
    DataSetOptions.Opened models = opened.get(options.modelNames());
    if (models == null) {
      try (ModelSources sources = options.open()) {
        models = DataSetOptions.Opened.of(sources);
      }
      opened.put(options.modelNames(), models);
    }
    GenerateConditions.Execution common = dataSet.execution().execution(settings);
    GenerateConditions conditions =
        new GenerateConditions(
            (out == null ? "." : out).replaceFirst("/+$", "") + "/points/" + point.name(),
            Optional.empty(),
            waves.waves(),
            waves.tolerance(),
            new GenerateConditions.Execution(
                common.device(),
                options.execution().execution(settings).precision(),
                common.latency()),
            settings);
    Map<String, String> shown = new LinkedHashMap<>();
    point.settings().forEach((name, value) -> shown.put(name, String.join(",", value)));
    DataSetOrder order = options.order(models, options.wanted(models), Optional.empty());
    return new SweepOrder.Point(point.name(), shown, order, conditions);
  }

  private PrintWriter printer() {
    return spec.commandLine().getOut();
  }
}
