package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.executor.FeatureColumn;
import io.tandem.job.DataSetOrder;
import io.tandem.job.GenerateConditions;
import io.tandem.job.GenerateJob;
import io.tandem.job.GeneratePlan;
import io.tandem.job.GenerateResult;
import io.tandem.job.ImagePlace;
import io.tandem.job.JsonFile;
import io.tandem.job.LabelFile;
import io.tandem.job.ModelSources;
import io.tandem.report.GenerateText;
import io.tandem.run.RunFolder;
import io.tandem.spark.SessionSettings;
import io.tandem.wave.SampleBatches;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem generate}: a data set of images, by Spark. */
@Command(
    name = "generate",
    sortOptions = false,
    description = {
      "Synthesises a data set: images, tokens and latencies in tables, in committed waves. The same"
          + " command goes on where it stopped; more images make the set longer. Without models or"
          + " a file of options it makes 200 images with the models that are built in."
    })
final class GenerateCommand implements Callable<Integer>, SparkCommand {

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "PATH",
      description = {
        "Folder of the run, on any file system that Hadoop knows; with --table delta or iceberg the"
            + " table, which may hold many runs."
      })
  private String out;

  @Mixin private TableOptions tables;
  @Mixin private DataSetOptions dataSet;
  @Mixin private FeatureColumnOptions features;

  @Option(
      names = "--labels-from",
      paramLabel = "PATH",
      description = {
        "One image for each row of a Parquet table with a column class_id, in the order of"
            + " sample_index where it has one, else of its files and rows."
      })
  private String labelsFrom;

  @Mixin private WaveOptions waves;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the summary for machines.")
  private Path json;

  @Option(
      names = "--dry-run",
      description = "Print the plan, what it takes and how to submit it; write nothing.")
  private boolean isDryRun;

  private SparkArguments forSpark = SparkArguments.NONE;

  @Override
  public void useSpark(SparkArguments arguments) {
    forSpark = arguments;
  }

  @Override
  public Integer call() {
    check(out != null || isDryRun, "Cannot generate to nowhere. Pass --out PATH, or --dry-run.");
    int cores = Runtime.getRuntime().availableProcessors();
    SessionSettings given =
        dataSet.execution().with(SessionSettings.of(cores, forSpark.settings()));
    ImagePlace place = tables.place(out, given);
    SessionSettings settings = place.settings(given);
    GenerateConditions conditions =
        new GenerateConditions(
            place.folder(),
            place.table(),
            waves.waves(),
            waves.tolerance(),
            dataSet.execution().execution(settings),
            settings);
    try (ModelSources sources = dataSet.open()) {
      DataSetOptions.Opened models = DataSetOptions.Opened.of(sources);
      Optional<FeatureColumn> column =
          features.column(dataSet.codec(), models.models().imageSide());
      if (labelsFrom == null) {
        return generate(dataSet.order(models, dataSet.wanted(models), column), conditions);
      }
      check(
          !dataSet.samples().arePresent() && !dataSet.samples().nameClasses(),
          "Cannot use --labels-from with --labels, --images, --per-class or --classes: the table"
              + " says how many images of which classes there are");
      try (LabelFile file = LabelFile.read(settings, labelsFrom, sources.classes())) {
        DataSetOrder.Samples wanted = fromTable(file, conditions);
        return generate(dataSet.order(models, wanted, column), conditions);
      }
    }
  }

  private int generate(DataSetOrder order, GenerateConditions conditions) {
    GeneratePlan plan = GeneratePlan.of(order, conditions);
    printer().print(GenerateText.of(plan));
    if (isDryRun) {
      printer()
          .print(
              GenerateText.advice(
                  plan, conditions, spec.root().commandLine().getParseResult().originalArgs()));
      return ExitCode.DONE;
    }
    return run(order, conditions);
  }

  private DataSetOrder.Samples fromTable(LabelFile file, GenerateConditions conditions) {
    String root =
        out == null ? "" : RunFolder.address(conditions.out(), conditions.spark().hadoop());
    return new DataSetOrder.Samples(
        dataSet.seed(),
        new SampleBatches(file.in(root), dataSet.batchSize()),
        file.count(),
        Map.entry("labels-from", file.sha256()),
        Optional.of(file));
  }

  private int run(DataSetOrder order, GenerateConditions conditions) {
    try (StopSignals signals = StopSignals.listen(spec.commandLine().getErr())) {
      GenerateJob job =
          new GenerateJob(
              order,
              conditions,
              new GenerateJob.Software(Tandem.Version.text(), Software.byName()),
              new GenerateLine(spec.commandLine().getErr(), signals::isStopWished));
      GenerateResult result = job.run();
      if (json != null) {
        JsonFile.write(json, result);
      }
      printer().print(GenerateText.of(result));
      return job.exitCode(result);
    }
  }

  private PrintWriter printer() {
    return spec.commandLine().getOut();
  }
}
