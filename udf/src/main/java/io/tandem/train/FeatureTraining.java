package io.tandem.train;

import static io.tandem.base.Checks.check;

import io.tandem.dataset.LabelledImages;
import io.tandem.kernel.FeatureTrainingKernel;
import io.tandem.kernel.FeatureTrainingKernel.Losses;
import io.tandem.kernel.TrainingState;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import java.util.Map;

/** Trains the demo's feature network to tell the classes of a data set apart. */
public final class FeatureTraining implements TrainingTask {

  private final Settings settings;
  private final LabelledImages images;
  private final BatchOrder order;
  private final TrainingState state;

  /**
   * Settings of a run.
   *
   * @param config architecture
   * @param pace steps, batch, rate and seed
   */
  public record Settings(FeatureConfig config, Pace pace) {}

  /** Prepares a run on {@code device}; the caller closes it. */
  public FeatureTraining(Settings settings, LabelledImages images, DeviceSpec device) {
    check(
        images.classNames().size() == settings.config.classes(),
        "Cannot train a feature network of %d classes on images of %d classes",
        settings.config.classes(),
        images.classNames().size());
    this.settings = settings;
    this.images = images;
    order = new BatchOrder(images.size(), settings.pace.seed());
    state =
        new TrainingState(InitialWeights.features(settings.config, settings.pace.seed(), device));
  }

  @Override
  public String stage() {
    return "features";
  }

  @Override
  public String identity() {
    return "features " + settings + " on " + images.identity();
  }

  @Override
  public long imagesBefore(long step) {
    return step * settings.pace.batch();
  }

  @Override
  public TrainingState state() {
    return state;
  }

  @Override
  public StepLoss gradients(long step) {
    long[] indexes = settings.pace.examples(order, step);
    Losses losses =
        FeatureTrainingKernel.gradients(
            state,
            PixelPlanes.of(images, indexes, 0, 1),
            images.side(),
            PixelPlanes.classes(images, indexes));
    double accuracy = (double) losses.right() / indexes.length;
    return new StepLoss(losses.loss(), Map.of("accuracy", accuracy), indexes.length);
  }

  @Override
  public Pace pace() {
    return settings.pace;
  }

  @Override
  public void close() {
    state.close();
  }
}
