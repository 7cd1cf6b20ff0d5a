package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.executor.DeviceChoice;
import io.tandem.job.ClusterShape;
import io.tandem.job.JsonFile;
import io.tandem.job.VerifyJob;
import io.tandem.job.VerifyResult;
import io.tandem.report.VerifyText;
import io.tandem.spark.SessionSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem verify}: whether a run is what its records say. */
@Command(
    name = "verify",
    sortOptions = false,
    description = {
      "Reads a run to the last byte: records, checksums of pages, digests of pictures and tokens,"
          + " counts; and makes whole batches around random samples again. Changes nothing. The exit"
          + " code is 4 if something is not as it should be."
    })
final class VerifyCommand implements Callable<Integer>, SparkCommand {

  @Spec private CommandSpec spec;

  @Option(names = "--run", required = true, paramLabel = "PATH", description = "Folder of the run.")
  private String run;

  @Option(
      names = "--samples",
      defaultValue = "16",
      paramLabel = "N",
      description = {
        "Random samples whose batches are made again; 0 for none (default ${DEFAULT-VALUE})."
      })
  private int samples;

  @Option(
      names = "--choice-seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Seed of the choice of samples (default ${DEFAULT-VALUE}).")
  private long choiceSeed;

  @Option(
      names = "--model",
      split = ConfigFile.SEPARATOR,
      paramLabel = "NAME=MODEL",
      description = {
        "Where a model of the run is now, if not where it was; can be repeated. The tokeniser is"
            + " vae=MODEL."
      })
  private List<String> models;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = {
        "cpu, gpu, cuda or cuda:N (default: gpu where Spark gives tasks one, else cpu)."
      })
  private String device;

  @Option(names = "--json", paramLabel = "FILE", description = "Write all findings for machines.")
  private Path json;

  private SparkArguments forSpark = SparkArguments.NONE;

  @Override
  public void useSpark(SparkArguments arguments) {
    forSpark = arguments;
  }

  @Override
  public Integer call() {
    SessionSettings settings =
        SessionSettings.of(Runtime.getRuntime().availableProcessors(), forSpark.settings());
    VerifyJob.Request request =
        new VerifyJob.Request(
            run,
            samples,
            choiceSeed,
            places(),
            device == null
                ? ClusterShape.usualDevice(settings.values())
                : DeviceChoice.parse(device),
            settings);
    VerifyResult result = new VerifyJob(request, spec.commandLine().getErr()::println).run();
    if (json != null) {
      JsonFile.write(json, result);
    }
    spec.commandLine().getOut().print(VerifyText.of(result));
    return result.isGood() ? ExitCode.DONE : ExitCode.FAILED_SAMPLES;
  }

  private Map<String, String> places() {
    Map<String, String> places = new LinkedHashMap<>();
    for (String text : models == null ? List.<String>of() : models) {
      int equals = text.indexOf('=');
      check(
          equals > 0 && equals < text.length() - 1,
          "Cannot use --model '%s': it is not NAME=MODEL",
          text);
      places.put(text.substring(0, equals), text.substring(equals + 1));
    }
    return places;
  }
}
