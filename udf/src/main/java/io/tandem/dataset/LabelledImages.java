package io.tandem.dataset;

import io.tandem.image.RgbImage;
import java.util.List;

/**
 * A data set of square pictures, each of one class, in a fixed order. Any picture can be asked for
 * at any time; implementations are thread-safe.
 */
public interface LabelledImages {

  /** Returns the name of each class, in the order of the class ids. */
  List<String> classNames();

  /** Returns the width and height of each picture, in pixels. */
  int side();

  /** Returns the number of pictures. */
  long size();

  /**
   * Returns the class of a picture, from 0 to one less than the number of classes.
   *
   * @throws IndexOutOfBoundsException if {@code index} is not from 0 to {@code size() - 1}
   */
  int classId(long index);

  /**
   * Returns a picture of {@code side()} x {@code side()} pixels, the same at each call.
   *
   * @throws io.tandem.base.UserError if it comes from a file that cannot be used
   * @throws IndexOutOfBoundsException if {@code index} is not from 0 to {@code size() - 1}
   */
  RgbImage image(long index);

  /**
   * Returns one line that names the content: the same content gives the same line. A training run
   * keeps it, so that it is never resumed on another data set.
   */
  String identity();
}
