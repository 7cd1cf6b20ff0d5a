package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import io.tandem.job.ReportJob;
import io.tandem.job.SweepReportJob;
import io.tandem.report.RunPage;
import io.tandem.report.SweepPage;
import io.tandem.run.SweepFolder;
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
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tandem report}: a page on a run or a sweep. */
@Command(
    name = "report",
    sortOptions = false,
    description = {
      "Writes a page of HTML on a run or a sweep, in one file that needs no network: pictures of"
          + " each class, times of scales by model, throughput or the frontier of quality against"
          + " speed, settings, models, failures and the command. Starts no Spark, whose settings of"
          + " file systems may follow '--'."
    })
final class ReportCommand implements Callable<Integer>, SparkCommand {

  /** Bytes that tell whether a file is a page of ours. */
  private static final int BEGIN_BYTES = 512;

  @Spec private CommandSpec spec;

  @Option(
      names = "--run",
      paramLabel = "PATH",
      description = {
        "Folder of the run, or of a sweep, on any file system that Hadoop knows; the name alone"
            + " does as well."
      })
  private String run;

  @Parameters(arity = "0..1", paramLabel = "PATH", hidden = true)
  private String place;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = {
        "Where to write, on a local disk; a page that is there already is replaced (default:"
            + " report.html in that folder)."
      })
  private String out;

  private SparkArguments forSpark = SparkArguments.NONE;

  @Override
  public void useSpark(SparkArguments arguments) {
    forSpark = arguments;
  }

  @Override
  public Integer call() {
    String subject = subject();
    Path file =
        LocalPlace.of(
            "--out", out == null ? subject.replaceFirst("/+$", "") + "/report.html" : out);
    SessionSettings settings = SessionSettings.of(1, forSpark.settings());
    try (StagedFile staged = StagedFile.beside(file)) {
      checkIsOurs(file);
      Files.writeString(
          staged.path(),
          SweepFolder.holdsSweep(subject, settings.hadoop())
              ? SweepPage.of(new SweepReportJob(subject, settings).run())
              : RunPage.of(new ReportJob(subject, settings).run()));
      staged.commit();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write '%s': %s", file, e);
    }
    spec.commandLine().getOut().println("page       " + file);
    return ExitCode.DONE;
  }

  private String subject() {
    if ((run == null) == (place == null)) {
      throw new ParameterException(spec.commandLine(), "Which run? Pass --run PATH, once.");
    }
    return run == null ? place : run;
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
