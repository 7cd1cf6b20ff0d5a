package io.tandem.cli;

import io.tandem.job.DemoRecipe;
import io.tandem.job.DemoTraining;
import io.tandem.job.DemoTraining.Figures;
import io.tandem.job.TrainingPlace;
import io.tandem.report.PackText;
import io.tandem.report.TrainingText;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem train demo}: the demo pack from nothing. */
@Command(
    name = "demo",
    sortOptions = false,
    description = {
      "Makes the demo pack from nothing: feature network, tokeniser, drafter, refiner, the pair"
          + " fine-tuned for each other, reference statistics; and measures it. Finished stages are skipped."
    })
final class TrainDemoCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--scale-steps",
      defaultValue = "1",
      paramLabel = "FACTOR",
      description = "Multiplies the steps of all stages (default ${DEFAULT-VALUE}).")
  private double scaleSteps;

  @Option(
      names = "--skip-quality",
      description = "Do not measure the finished pack, which takes long.")
  private boolean isQualitySkipped;

  @Mixin private TrainingRunOptions running;
  @Mixin private DeviceOptions devices;

  @Override
  public Integer call() {
    running.checkPlaces();
    DemoRecipe recipe = DemoRecipe.STANDARD.scaled(scaleSteps);
    TrainingPlace place = devices.trainingPlace();
    spec.commandLine().getOut().print(TrainingText.of(recipe, place));
    spec.commandLine().getOut().print(devices.start().text());
    if (running.isDryRun()) {
      return ExitCode.DONE;
    }
    Figures figures = isQualitySkipped ? Figures.SKIPPED : Figures.TAKEN;
    return running.run(
        spec,
        run -> {
          DemoTraining.Result result = new DemoTraining(recipe, run, place, figures).run();
          result
              .quality()
              .ifPresent(quality -> spec.commandLine().getOut().print(PackText.of(quality)));
          return result.outcome();
        });
  }
}
