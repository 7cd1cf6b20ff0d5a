package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import io.tandem.job.ReportJob;
import io.tandem.job.RunReport;
import io.tandem.report.RunPage;
import io.tandem.spark.SessionSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem report}: a page on a run. */
@Command(
    name = "report",
    sortOptions = false,
    description = {
      "Writes a page of HTML on a run, in one file that needs no network: pictures of each class,"
          + " times of scales by model, throughput, settings, models, failures and the command."
          + " Starts no Spark, whose settings of file systems may follow '--'."
    })
final class ReportCommand implements Callable<Integer>, SparkCommand {

  /** Bytes that tell whether a file is a page of ours. */
  private static final int BEGIN_BYTES = 512;

  @Spec private CommandSpec spec;

  @Option(
      names = "--run",
      required = true,
      paramLabel = "PATH",
      description = "Folder of the run, on any file system that Hadoop knows.")
  private String run;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Where to write, on a local disk; a page that is there already is replaced.")
  private String out;

  private SparkArguments forSpark = SparkArguments.NONE;

  @Override
  public void useSpark(SparkArguments arguments) {
    forSpark = arguments;
  }

  @Override
  public Integer call() {
    Path file = LocalPlace.of("--out", out);
    try (StagedFile staged = StagedFile.beside(file)) {
      checkIsOurs(file);
      RunReport report = new ReportJob(run, SessionSettings.of(1, forSpark.settings())).run();
      Files.writeString(staged.path(), RunPage.of(report));
      staged.commit();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write '%s': %s", file, e);
    }
    spec.commandLine().getOut().println("page       " + file);
    return ExitCode.DONE;
  }

  private static void checkIsOurs(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    boolean isPage = false;
    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      try (InputStream in = Files.newInputStream(file)) {
        isPage = RunPage.isPage(new String(in.readNBytes(BEGIN_BYTES), StandardCharsets.UTF_8));
      }
    }
    check(
        isPage,
        "Cannot write '%s': it is there already, and no report made it. Choose another --out, or"
            + " remove it.",
        file);
  }
}
