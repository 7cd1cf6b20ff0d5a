package io.tandem.pack;

import io.tandem.features.FeatureNetwork;
import io.tandem.features.FeatureRows;
import io.tandem.image.RgbImage;
import io.tandem.model.DeviceSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A feature network that is known by its weights.
 *
 * @param network stays open while it is used
 * @param sha256 of its weights
 * @param device that it is on
 */
public record FeatureReader(FeatureNetwork network, String sha256, DeviceSpec device) {

  /** Samples on a contact sheet. */
  static final int SHOWN = 40;

  /**
   * Returns what the network says of consecutive pictures.
   *
   * @param first index of the first one
   * @param nanos how long it took to make them
   */
  SamplePart read(List<RgbImage> pictures, long first, long nanos) {
    FeatureRows rows = network.rows(pictures);
    List<float[]> features = new ArrayList<>();
    List<Integer> classified = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      features.add(rows.features(i));
      classified.add(rows.likeliestClass(i));
    }
    int shown = (int) Math.max(0, Math.min(SHOWN - first, pictures.size()));
    return new SamplePart(features, classified, pictures.subList(0, shown), nanos);
  }

  /** Returns what decides the features of given pictures. */
  String identity() {
    return "feature network " + sha256 + " on " + device;
  }
}
