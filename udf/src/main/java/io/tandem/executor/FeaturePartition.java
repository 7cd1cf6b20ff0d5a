package io.tandem.executor;

import io.tandem.registry.FeatureRegistry;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/**
 * Computes the features of pictures: takes rows of {@link PicturesSchema} in the order of their
 * samples, which hold each {@link FeatureSpec#CHUNK} completely or not at all, and returns a row of
 * {@link FeaturesSchema} for each, in the same order.
 *
 * <p>Lazy: one batch of pictures is in memory, on a GPU two, of which the second is decoded by
 * other threads meanwhile. Batches are parts of chunks, so that partitions decide no bits. The
 * network comes from the registry of the JVM and goes back when the rows or the task end. A picture
 * that cannot be decoded gets a row that says so.
 *
 * <p>The rows throw {@link io.tandem.base.HopelessException} where going on makes no sense:
 * pictures that are not square, of another size or not RGB, features that are not finite, other
 * weights.
 */
public final class FeaturePartition implements MapPartitionsFunction<Row, Row> {

  private static final long serialVersionUID = 1L;

  private final FeatureSpec spec;

  /** Makes a function for the network of {@code spec}. */
  public FeaturePartition(FeatureSpec spec) {
    this.spec = spec;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> pictures) {
    return rows(pictures, TaskSite.ofThisThread(), FeatureRegistry.ofThisJvm());
  }

  /** Returns the rows; a caller that does not take all of them closes them. */
  ComputedRows rows(Iterator<Row> pictures, TaskSite site, FeatureRegistry registry) {
    return new ComputedRows(spec, pictures, site, registry);
  }
}
