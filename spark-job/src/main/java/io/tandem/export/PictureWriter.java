package io.tandem.export;

import io.tandem.base.UserError;
import io.tandem.table.PictureRow;

/**
 * Takes the pictures of an export one after another. Nothing is seen at its place before {@link
 * #commit}; closing without it leaves nothing behind. Not thread-safe.
 *
 * <p>The same pictures in the same order give the same bytes.
 */
public interface PictureWriter extends AutoCloseable {

  /**
   * Takes the next picture.
   *
   * @throws UserError if it does not fit to the others, is damaged, or cannot be written
   */
  void write(PictureRow picture);

  /**
   * Completes the export and gives it its name.
   *
   * @throws UserError if that cannot be done, or something has the name by now
   */
  void commit();

  /** Removes what was written unless it was committed. */
  @Override
  void close();
}
