package io.tandem.executor;

import io.tandem.wave.Wave;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/**
 * Decodes batches for all runs of a group and returns rows of {@link ImagesSchema#ofGroup}: of each
 * batch those of the first run, then those of the second one and so on.
 *
 * <p>Each run's rows are those that {@link GeneratePartition} would return for it alone, but for
 * times. Lazy and hopeless as that is.
 */
public final class GenerateGroupPartition implements MapPartitionsFunction<Long, Row> {

  private static final long serialVersionUID = 1L;

  private final GenerateGroup group;
  private final Wave wave;

  /** Makes a function for the samples of {@code wave}. */
  public GenerateGroupPartition(GenerateGroup group, Wave wave) {
    this.group = group;
    this.wave = wave;
  }

  @Override
  public Iterator<Row> call(Iterator<Long> batches) {
    return rows(batches, TaskSite.ofThisThread());
  }

  /** Returns the rows; a caller that does not take all of them closes them. */
  GeneratedRows rows(Iterator<Long> batches, TaskSite site) {
    return new GeneratedRows(new DecodeWork(group, wave, RowShape.WITH_RUN), batches, site);
  }
}
