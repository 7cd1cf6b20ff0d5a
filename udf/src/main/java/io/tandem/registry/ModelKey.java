package io.tandem.registry;

import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import java.util.Optional;

/**
 * What makes two copies of a model the same.
 *
 * @param sha256 digest of its weights
 * @param precision format of its products
 * @param device where it is
 * @param schedule scales that a tokeniser was loaded for; empty for a transformer, whose weights
 *     tell them
 */
record ModelKey(
    String sha256, Precision precision, DeviceSpec device, Optional<ScaleSchedule> schedule) {

  static ModelKey transformer(ModelFile file, ModelRequest request) {
    return new ModelKey(file.sha256(), request.precision(), request.device(), Optional.empty());
  }

  static ModelKey tokeniser(ModelRequest request, ScaleSchedule schedule) {
    return new ModelKey(
        request.tokeniser().sha256(), request.precision(), request.device(), Optional.of(schedule));
  }

  /** Returns whether {@code request} names this model, for whatever scales. */
  boolean isIn(ModelRequest request) {
    return precision == request.precision()
        && device.equals(request.device())
        && (sha256.equals(request.tokeniser().sha256())
            || request.transformers().stream().anyMatch(file -> sha256.equals(file.sha256())));
  }
}
