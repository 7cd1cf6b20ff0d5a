package io.tandem.executor;

import io.tandem.features.FeatureRows;
import io.tandem.image.RgbImage;
import io.tandem.model.DeviceSpec;
import io.tandem.registry.FeatureRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * The column of features of the images of a task. Used by the thread of the task; closing gives the
 * network back.
 */
final class ImageFeatures implements AutoCloseable {

  private final Optional<FeatureRegistry.Lease> lease;
  private final boolean isSpatial;

  private ImageFeatures(Optional<FeatureRegistry.Lease> lease, boolean isSpatial) {
    this.lease = lease;
    this.isSpatial = isSpatial;
  }

  /**
   * Leases the network that {@code spec} names, if it names one; the caller closes the result.
   *
   * @throws InterruptedException if the thread is interrupted while the network is loaded
   */
  static ImageFeatures of(GenerateSpec spec, ModelFiles files, DeviceSpec device)
      throws InterruptedException {
    if (spec.output().features().isEmpty()) {
      return new ImageFeatures(Optional.empty(), false);
    }
    FeatureColumn column = spec.output().features().get(0);
    FeatureRegistry.Lease lease =
        FeatureRegistry.ofThisJvm().lend(files.locate(column.network()), column.profile(), device);
    return new ImageFeatures(
        Optional.of(lease),
        FeatureSpec.Taps.of(column.profile()) == FeatureSpec.Taps.FEATURES_AND_SPATIAL);
  }

  /**
   * Returns what the column holds of each of {@code pictures}; nothing without a network.
   *
   * @param samples their indexes
   */
  List<Row> of(List<RgbImage> pictures, long[] samples) {
    if (lease.isEmpty() || pictures.isEmpty()) {
      return List.of();
    }
    FeatureRows rows = lease.get().network().rows(pictures);
    List<Row> all = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      long sample = samples[i];
      all.add(
          RowFactory.create(
              FeatureBytes.of(sample, "features", rows.features(i)),
              FeatureBytes.of(sample, "logits", rows.logits(i)),
              isSpatial ? FeatureBytes.of(sample, "spatial features", rows.spatial(i)) : null));
    }
    return all;
  }

  @Override
  public void close() {
    lease.ifPresent(FeatureRegistry.Lease::close);
  }
}
