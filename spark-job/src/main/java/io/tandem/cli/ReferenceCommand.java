package io.tandem.cli;

import io.tandem.job.GenerateJob;
import io.tandem.job.ReferenceJob;
import io.tandem.report.EvaluateText;
import io.tandem.spark.SessionSettings;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem reference}: statistics of real images, by Spark. */
@Command(
    name = "reference",
    sortOptions = false,
    description = {
      "Makes what evaluate compares with: statistics of real images, and features of 10,000 of them,"
          + " evenly spaced, in an .npz file whose mu and sigma other tools read."
    })
final class ReferenceCommand implements Callable<Integer>, SparkCommand {

  @Spec private CommandSpec spec;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "PATH",
      description = {
        "Parquet table, folder of PNG or JPEG files, .npz file of ADM, or folder of a run."
      })
  private String images;

  @Mixin private FeatureOptions features;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "The .npz file.")
  private Path out;

  private SparkArguments forSpark = SparkArguments.NONE;

  @Override
  public void useSpark(SparkArguments arguments) {
    forSpark = arguments;
  }

  @Override
  public Integer call() {
    SessionSettings settings =
        SessionSettings.of(Runtime.getRuntime().availableProcessors(), forSpark.settings());
    ReferenceJob.Result result =
        new ReferenceJob(
                images,
                out,
                features.request(settings),
                new GenerateJob.Software(Tandem.Version.text(), Software.byName()),
                spec.commandLine().getErr()::println)
            .run();
    spec.commandLine().getOut().print(EvaluateText.of(result));
    return ExitCode.DONE;
  }
}
