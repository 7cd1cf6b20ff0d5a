package io.tandem.job;

import io.tandem.model.VarConfig;
import io.tandem.train.TrainingTask;
import java.util.Map;
import java.util.Optional;

/**
 * One part of a training run, which ends with weights.
 *
 * @param task what learns; closed by whoever made it
 * @param settings what decides the weights, for the record of the stage
 * @param transformer the architecture, empty if it is a tokeniser or a feature network
 * @param header texts for the header of the weights
 * @param pictures drawn as it goes, if that makes sense
 */
public record Stage(
    TrainingTask task,
    Record settings,
    Optional<VarConfig> transformer,
    Map<String, String> header,
    Optional<StagePictures> pictures) {

  /** Returns the name of the stage. */
  String name() {
    return task.stage();
  }
}
