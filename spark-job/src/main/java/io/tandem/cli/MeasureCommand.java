package io.tandem.cli;

import io.tandem.job.JsonFile;
import io.tandem.pack.PackModels;
import io.tandem.pack.PackQuality;
import io.tandem.pack.PackSettings;
import io.tandem.pack.PackSettings.Amounts;
import io.tandem.pack.PackSettings.Seeds;
import io.tandem.pack.QualityReport;
import io.tandem.report.PackText;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem train measure}: what a trained demo pack is worth. */
@Command(
    name = "measure",
    sortOptions = false,
    description = {
      "Measures a trained demo pack: FID of every plan against other pictures, agreement with"
          + " labels, fidelity of the tokeniser, cost, and which expectations are met. A run that"
          + " was stopped goes on where it was. Batches have 20 images unless --batch-size says"
          + " otherwise."
    })
final class MeasureCommand implements Callable<Integer> {

  private static final String REPORT = "quality.json";

  @Spec private CommandSpec spec;

  @Option(
      names = "--pack",
      required = true,
      paramLabel = "FOLDER",
      description = {
        "Folder of tokeniser.safetensors, features.safetensors, drafter.safetensors and so on;"
            + " points whose models are missing are left out."
      })
  private Path pack;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FOLDER",
      description = {
        "Folder of " + REPORT + ", reference statistics, contact sheets and what is finished."
      })
  private Path out;

  @Option(
      names = "--images",
      defaultValue = "2000",
      paramLabel = "N",
      description = "Images of each point, and held out (default ${DEFAULT-VALUE}).")
  private int images;

  @Option(
      names = "--reference-images",
      defaultValue = "10000",
      paramLabel = "N",
      description = "Images behind the reference statistics (default ${DEFAULT-VALUE}).")
  private int referenceImages;

  @Mixin private SamplingOptions sampling;
  @Mixin private DeviceOptions devices;
  @Mixin private BatchOptions batching;

  @Override
  public Integer call() {
    Amounts amounts =
        new Amounts(images, referenceImages, batching.size(images, Amounts.USUAL.batchSize()));
    try (PackModels models = PackModels.open(pack)) {
      PackSettings settings =
          new PackSettings(
              sampling.guidance(models.scales()),
              sampling.sampling(models.scales()),
              Seeds.FIXED.withSamples(sampling.seed()),
              amounts,
              execution());
      QualityReport report =
          PackQuality.measure(models, settings, out, spec.commandLine().getErr()::println);
      JsonFile.write(out.resolve(REPORT), report);
      spec.commandLine().getOut().print(PackText.of(report));
      spec.commandLine().getOut().printf("wrote      %s%n", out);
    }
    return ExitCode.DONE;
  }

  private PackSettings.Execution execution() {
    DeviceOptions.Execution execution = devices.start();
    return new PackSettings.Execution(execution.precision(), execution.device());
  }
}
