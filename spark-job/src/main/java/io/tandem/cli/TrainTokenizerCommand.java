package io.tandem.cli;

import io.tandem.engine.Machine;
import io.tandem.job.DemoRecipe;
import io.tandem.job.TokenizerStage;
import io.tandem.job.TrainingImages;
import io.tandem.job.TrainingJob;
import io.tandem.job.TrainingPlace;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.report.TrainingText;
import io.tandem.train.Pace;
import io.tandem.train.TokeniserTraining;
import io.tandem.train.TrainingCost;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tandem train tokenizer}: a multi-scale residual VQ-VAE. */
@Command(
    name = "tokenizer",
    sortOptions = false,
    description = {
      "Trains a multi-scale residual VQ-VAE, which turns pictures into token maps and back."
    })
final class TrainTokenizerCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private ImageSetOptions images;
  @Mixin private TokenizerOptions tokenizer;
  @Mixin private PaceOptions pace;
  @Mixin private TrainingRunOptions running;
  @Mixin private DeviceOptions devices;

  @Override
  public Integer call() {
    running.checkPlaces();
    TrainingImages.Source source = images.source();
    VqConfig config = tokenizer.config();
    ScaleSchedule schedule = tokenizer.schedule();
    int side = TokenizerStage.imageSide(config, schedule, images.side());
    Pace usual = DemoRecipe.STANDARD.tokeniser().pace();
    Pace chosen = pace.pace(batch -> usual, usual.batch());
    TrainingPlace place = devices.trainingPlace();
    TokeniserTraining.Settings settings =
        new TokeniserTraining.Settings(
            config, schedule, chosen, tokenizer.losses(), place.precision());
    TrainingCost cost = TokenizerStage.cost(settings);
    TrainingImages pictures = source.open(side);
    PrintWriter out = spec.commandLine().getOut();
    out.print(TrainingText.of(settings, pictures));
    out.print(TrainingText.of(cost, chosen));
    out.print(devices.start().text());
    if (running.isDryRun()) {
      return ExitCode.DONE;
    }
    cost.checkFits(Machine.freeBytes(place.device()));
    return running.run(spec, run -> new TrainingJob(run).train(settings, pictures, place));
  }
}
