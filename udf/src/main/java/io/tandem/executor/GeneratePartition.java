package io.tandem.executor;

import io.tandem.wave.Wave;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/**
 * Decodes batches and returns a row of {@link ImagesSchema} for each of their samples that is in
 * the wave, in the order of the batches and of their samples.
 *
 * <p>Lazy: nothing happens before the first row is asked for. While the rows of a batch are encoded
 * and taken, the next batch is decoded in the background; input is read no further. Models come
 * from the registry of the JVM and go back when the rows or the task end, however they end.
 *
 * <pre>{@code
 * spark.range(firstBatch, endBatch, 1, partitions)
 *     .mapPartitions(new GeneratePartition(spec, wave), Encoders.row(ImagesSchema.schema()))
 * }</pre>
 *
 * <p>The rows throw {@link io.tandem.base.HopelessException} if another attempt would fail as well:
 * weights or the machine are not those of the run.
 */
public final class GeneratePartition implements MapPartitionsFunction<Long, Row> {

  private static final long serialVersionUID = 1L;

  private final GenerateSpec spec;
  private final Wave wave;

  /** Makes a function for the samples of {@code wave}. */
  public GeneratePartition(GenerateSpec spec, Wave wave) {
    this.spec = spec;
    this.wave = wave;
  }

  @Override
  public Iterator<Row> call(Iterator<Long> batches) {
    return rows(batches, TaskSite.ofThisThread());
  }

  /** Returns the rows; a caller that does not take all of them closes them. */
  GeneratedRows rows(Iterator<Long> batches, TaskSite site) {
    return new GeneratedRows(
        new DecodeWork(GenerateGroup.of(spec), wave, RowShape.OF_ONE_RUN), batches, site);
  }
}
