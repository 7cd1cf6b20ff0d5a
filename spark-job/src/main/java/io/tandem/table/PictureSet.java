package io.tandem.table;

import java.io.Serializable;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Pictures of any table, folder or file, each with an index, cut into chunks of {@link
 * io.tandem.executor.FeatureSpec#CHUNK} consecutive indexes. To open one reads no pictures.
 */
public interface PictureSet extends SampleChunks {

  /**
   * The size of a picture.
   *
   * @param width pixels in a row
   * @param height rows of pixels
   */
  record Size(int width, int height) implements Serializable {

    /** Returns {@code 64 x 64}. */
    @Override
    public String toString() {
      return width + " x " + height;
    }
  }

  /**
   * Returns the size that one of the first pictures states, which all should have.
   *
   * @throws io.tandem.base.UserError if none of them can be read
   */
  Size size();

  /**
   * Hands over rows of {@link io.tandem.executor.PicturesSchema}, in one or several parts that are
   * worked off one after another. Each partition of a part holds whole chunks, in the order of
   * samples.
   *
   * @param wanted chunks that are handed over
   * @param partitions as many as a part should have, if it has as many chunks
   */
  void forEachPart(SortedSet<Long> wanted, int partitions, Consumer<Dataset<Row>> work);
}
