package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.export.ExportFormat;
import io.tandem.job.ExportJob;
import io.tandem.job.ExportResult;
import io.tandem.job.JsonFile;
import io.tandem.report.ExportText;
import io.tandem.spark.SessionSettings;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem export}: the pictures of a run in the forms of other programs. */
@Command(
    name = "export",
    sortOptions = false,
    description = {
      "Hands the pictures of a run on, in the order of their samples, which has the classes in"
          + " turn: as one npz file (arr_0 uint8 [N, H, W, 3], arr_1 the classes), as a folder of"
          + " PNG files, or as WebDataset shards. The same run gives the same bytes. Starts no"
          + " Spark, whose settings of file systems may follow '--'."
    })
final class ExportCommand implements Callable<Integer>, SparkCommand {

  @Spec private CommandSpec spec;

  @Option(
      names = "--run",
      required = true,
      paramLabel = "PATH",
      description = "Folder of the run, on any file system that Hadoop knows.")
  private String run;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      description = "npz, png or webdataset.")
  private String format;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "PLACE",
      description = {
        "The file (npz) or folder (png, webdataset) to make, on a local disk. It appears complete,"
            + " and must not be there yet."
      })
  private String out;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "The first N samples (default: all of the run).")
  private Long images;

  @Option(
      names = "--allow-failed",
      description = "Leave out samples that failed or are missing, and list them.")
  private boolean areGapsAllowed;

  @Option(
      names = "--shard-images",
      defaultValue = "10000",
      paramLabel = "N",
      description = "Pictures of a shard of webdataset (default ${DEFAULT-VALUE}).")
  private int shardImages;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the summary for machines.")
  private Path json;

  private SparkArguments forSpark = SparkArguments.NONE;

  @Override
  public void useSpark(SparkArguments arguments) {
    forSpark = arguments;
  }

  @Override
  public Integer call() {
    check(
        shardImages >= 1,
        "Cannot make shards of %d pictures (1 or more). Correct --shard-images.",
        shardImages);
    ExportJob.Request request =
        new ExportJob.Request(
            run,
            new ExportJob.Target(
                ExportFormat.named(format), LocalPlace.of("--out", out), shardImages),
            images == null ? OptionalLong.empty() : OptionalLong.of(images),
            areGapsAllowed ? ExportJob.Gaps.LEFT_OUT : ExportJob.Gaps.REFUSED,
            SessionSettings.of(1, forSpark.settings()));
    GenerateLine line = new GenerateLine(spec.commandLine().getErr(), () -> false);
    ExportResult result = new ExportJob(request, line::progressed).run();
    if (json != null) {
      JsonFile.write(json, result);
    }
    spec.commandLine().getOut().print(ExportText.of(result));
    return ExitCode.DONE;
  }
}
