package io.tandem.cli;

import io.tandem.base.Checks;
import io.tandem.engine.Machine;
import io.tandem.job.TokenisedImages;
import io.tandem.job.TrainingImages;
import io.tandem.job.TrainingJob;
import io.tandem.job.TransformerStage.Lesson;
import io.tandem.model.ScaleSchedule;
import io.tandem.report.TrainingText;
import io.tandem.train.Objective;
import io.tandem.train.Pace;
import io.tandem.train.TrainingCost;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.IntFunction;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Options that all trainings of transformers share, and how they go. */
final class TransformerOptions {

  @Mixin private ImageSetOptions images;

  @Option(
      names = "--vae",
      paramLabel = "MODEL",
      description = "The tokeniser whose tokens are learned: a checkpoint, random or demo.")
  private String vae;

  @Option(
      names = "--label-dropout",
      defaultValue = "0.1",
      paramLabel = "CHANCE",
      description = "Chance that a picture loses its label (default ${DEFAULT-VALUE}).")
  private double labelDropout;

  @Mixin private PaceOptions pace;
  @Mixin private TrainingRunOptions running;
  @Mixin private DeviceOptions devices;

  /** What one of the trainings is. */
  interface Course {

    /** Returns what is learned of {@code schedule}. */
    Objective objective(ScaleSchedule schedule);

    /** Returns all of it, for pictures that are known. */
    Lesson lesson(Objective objective, TokenisedImages images);
  }

  /**
   * Passes if all that is always needed is named.
   *
   * @throws io.tandem.base.UserError otherwise
   */
  void check() {
    running.checkPlaces();
    images.source();
    Checks.check(
        vae != null, "Cannot train without a tokeniser. Pass --vae FILE, --vae random or demo.");
    Checks.check(
        labelDropout >= 0 && labelDropout < 1,
        "Cannot use --label-dropout %s (0 up to, not including, 1)",
        labelDropout);
  }

  /** Returns the chance that a picture loses its label. */
  double labelDropout() {
    return labelDropout;
  }

  /** Returns the pace, as {@link PaceOptions#pace} does. */
  Pace pace(IntFunction<Pace> usual, int usualBatch) {
    return pace.pace(usual, usualBatch);
  }

  /**
   * Trains, or says what would be done, and returns the exit code.
   *
   * @param wanted sides of the token maps that the options or a checkpoint say
   */
  int train(CommandSpec spec, Optional<ScaleSchedule> wanted, Course course) {
    try (WeightSource tokeniser = WeightSources.tokeniser(vae)) {
      ScaleSchedule schedule = TokenisedImages.schedule(tokeniser, wanted, images.side());
      Objective objective = course.objective(schedule);
      TrainingImages pictures =
          images.source().open(TokenisedImages.imageSide(tokeniser, schedule));
      TokenisedImages tokenised =
          new TokenisedImages(pictures, tokeniser, schedule, devices.trainingPlace());
      Lesson lesson = course.lesson(objective, tokenised);
      lesson.check(tokenised);
      TrainingCost cost = lesson.cost(tokenised.place().precision());
      PrintWriter out = spec.commandLine().getOut();
      out.print(TrainingText.of(lesson, tokenised));
      out.print(TrainingText.of(cost, lesson.pace()));
      out.print(devices.start().text());
      if (running.isDryRun()) {
        return ExitCode.DONE;
      }
      cost.checkFits(Machine.freeBytes(tokenised.place().device()));
      return running.run(spec, run -> new TrainingJob(run).train(lesson, tokenised));
    }
  }
}
