package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.train.TokeniserTraining;
import io.tandem.train.TrainingCost;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A tokeniser in training; the caller closes it. */
public final class TokenizerStage implements AutoCloseable {

  private final TokeniserTraining task;
  private final Stage stage;

  /**
   * What decides the weights.
   *
   * @param training architecture, losses and pace
   * @param images names the pictures
   */
  private record Settings(TokeniserTraining.Settings training, String images) {}

  private TokenizerStage(
      TokeniserTraining.Settings settings, TrainingImages images, TrainingPlace place) {
    task = new TokeniserTraining(settings, images.learned(), place.device());
    stage =
        new Stage(
            task,
            new Settings(settings, images.learned().identity()),
            Optional.empty(),
            Map.of(TokenisedImages.SIDES, TokenisedImages.text(settings.schedule())),
            Optional.of(new ReconstructionSheet(images.shown(), settings.schedule(), place)));
  }

  /** Prepares a stage. */
  static TokenizerStage open(
      TokeniserTraining.Settings settings, TrainingImages images, TrainingPlace place) {
    return new TokenizerStage(settings, images, place);
  }

  /**
   * Returns the side of the pictures that a tokeniser learns from.
   *
   * @param wanted what the user says
   * @throws io.tandem.base.UserError if that does not fit
   */
  public static int imageSide(VqConfig config, ScaleSchedule schedule, OptionalInt wanted) {
    int needed = schedule.finestSide() * config.pixelsPerCell();
    check(
        wanted.isEmpty() || wanted.getAsInt() == needed,
        "Cannot train a tokeniser on pictures of side %d: its %d levels and token maps up to side"
            + " %d are of pictures of side %d. Change --image-size, --multipliers or --scales.",
        wanted.orElse(0),
        config.levels(),
        schedule.finestSide(),
        needed);
    return needed;
  }

  /** Returns what a step takes. */
  public static TrainingCost cost(TokeniserTraining.Settings settings) {
    return TrainingCost.of(
        settings.config(), settings.schedule(), settings.pace(), settings.precision());
  }

  /** Returns the stage, to be run. */
  Stage stage() {
    return stage;
  }

  @Override
  public void close() {
    task.close();
  }
}
