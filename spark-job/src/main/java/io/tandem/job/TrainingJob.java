package io.tandem.job;

import io.tandem.job.TrainingRun.Outcome;
import io.tandem.job.TransformerStage.Lesson;
import io.tandem.train.TokenSet;
import io.tandem.train.TokeniserTraining;
import java.nio.file.Files;

/** Trains one model in a folder of its own, with the tokens that it needs. */
public final class TrainingJob {

  private final TrainingRun run;

  /** Makes a job; the caller closes the folder of {@code run}. */
  public TrainingJob(TrainingRun run) {
    this.run = run;
  }

  /**
   * Trains a tokeniser.
   *
   * @throws io.tandem.base.UserError if a picture cannot be used, the folder is of another run or
   *     cannot be written, or a loss is not finite
   */
  public Outcome train(
      TokeniserTraining.Settings settings, TrainingImages images, TrainingPlace place) {
    try (TokenizerStage stage = TokenizerStage.open(settings, images, place)) {
      if (isNew(stage.stage())) {
        images.check(run.counter("pictures", images.learned().size()));
      }
      return run.run(stage.stage());
    } catch (TrainingRun.StoppedException e) {
      return Outcome.STOPPED;
    }
  }

  private boolean isNew(Stage stage) {
    return !Files.exists(run.folder().state(stage.name()))
        && !Files.exists(run.folder().weights(stage.name()));
  }

  /** Trains a transformer on the tokens of {@code images}; errors as above. */
  public Outcome train(Lesson lesson, TokenisedImages images) {
    try {
      TokenSet tokens = images.tokens(run);
      try (TransformerStage stage = TransformerStage.open(lesson, images, tokens)) {
        return run.run(stage.stage());
      }
    } catch (TrainingRun.StoppedException e) {
      return Outcome.STOPPED;
    }
  }
}
