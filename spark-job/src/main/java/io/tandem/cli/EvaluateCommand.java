package io.tandem.cli;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import io.tandem.features.Profile;
import io.tandem.job.EvaluateJob;
import io.tandem.job.EvaluateRequest;
import io.tandem.job.Evaluation;
import io.tandem.job.GenerateJob;
import io.tandem.job.JsonFile;
import io.tandem.job.Metric;
import io.tandem.report.EvaluateText;
import io.tandem.spark.SessionSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem evaluate}: FID and its relatives, by Spark. */
@Command(
    name = "evaluate",
    sortOptions = false,
    description = {
      "Compares images with a reference: FID, sFID, Inception Score, precision, recall, density,"
          + " coverage, KID, FID of infinitely many images, by the rules of a named tool. Features"
          + " are kept, so that a second evaluation, or one of a longer run, computes no more than"
          + " what is new. Neither tasks nor retries change a bit of FID."
    })
final class EvaluateCommand implements Callable<Integer>, SparkCommand {

  @Spec private CommandSpec spec;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "PATH",
      description = {
        "Folder of a run (its committed waves count), Parquet table, folder of PNG or JPEG files, or"
            + " .npz file of ADM."
      })
  private String images;

  @Option(
      names = "--reference",
      required = true,
      paramLabel = "REFERENCE",
      description = {
        ".npz file of statistics (of tandem reference, pytorch-fid, EDM or ADM), images of the kinds"
            + " above, or demo."
      })
  private String reference;

  @Mixin private FeatureOptions features;

  @Option(
      names = "--metrics",
      paramLabel = "NAMES",
      description = {
        "Of fid, sfid, is, pr, kid, fid-infinity, separated by commas (default: what the profile's"
            + " tool has)."
      })
  private String metrics;

  @Option(
      names = "--errors",
      defaultValue = "jackknife",
      paramLabel = "HOW",
      description = {
        "Standard errors of fid, sfid and is: jackknife, leaving out each of 20 groups, or none"
            + " (default ${DEFAULT-VALUE})."
      })
  private String errors;

  @Option(names = "--per-class", description = "Precision and KID of each class as well.")
  private boolean isPerClass;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result for machines.")
  private Path json;

  private SparkArguments forSpark = SparkArguments.NONE;

  @Override
  public void useSpark(SparkArguments arguments) {
    forSpark = arguments;
  }

  @Override
  public Integer call() {
    if (json != null) {
      try {
        StagedFile.beside(json).close();
      } catch (IOException e) {
        throw UserError.because(e, "Cannot write '%s': %s", json, e);
      }
    }
    SessionSettings settings =
        SessionSettings.of(Runtime.getRuntime().availableProcessors(), forSpark.settings());
    Profile profile = features.profile();
    EvaluateRequest request =
        new EvaluateRequest(
            images,
            reference,
            metrics == null ? Metric.usual(profile) : Metric.parse(metrics, profile),
            new EvaluateRequest.Extent(
                EvaluateRequest.Errors.parse(errors),
                isPerClass ? EvaluateRequest.Classes.EACH : EvaluateRequest.Classes.TOGETHER),
            features.request(settings));
    Evaluation evaluation =
        new EvaluateJob(
                request,
                new GenerateJob.Software(Tandem.Version.text(), Software.byName()),
                spec.commandLine().getErr()::println)
            .run();
    if (json != null) {
      JsonFile.write(json, evaluation);
    }
    spec.commandLine().getOut().print(EvaluateText.of(evaluation));
    return ExitCode.DONE;
  }
}
