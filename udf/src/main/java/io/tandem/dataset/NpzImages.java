package io.tandem.dataset;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.image.RgbImage;
import io.tandem.model.NumberFormat;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzRows;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The pictures of a sample batch or reference of ADM: {@code arr_0}, uint8 [N, H, W, 3], in an
 * {@code .npz} file of any size, read one after another. {@code arr_1}, if there is one, has their
 * classes. The caller closes it. Not thread-safe.
 */
public final class NpzImages implements AutoCloseable {

  private static final String PICTURES = "arr_0";
  private static final String LABELS = "arr_1";

  private final Path file;
  private final NpzFile npz;
  private final NpzRows rows;

  private NpzImages(Path file, NpzFile npz, NpzRows rows) {
    this.file = file;
    this.npz = npz;
    this.rows = rows;
  }

  /**
   * Opens {@code file}; no picture is read yet.
   *
   * @throws UserError if it cannot be read, has no {@code arr_0}, or that holds no RGB pictures of
   *     at most {@link RgbImage#MAX_PIXELS}
   */
  public static NpzImages open(Path file) {
    NpzFile npz = NpzFile.open(file);
    try {
      NpzRows rows = npz.rows(PICTURES);
      check(
          holdsPictures(rows),
          "Cannot read pictures from '%s': arr_0 is %s %s (UINT8 [pictures, height, width, 3], at"
              + " most %d pixels each)",
          file,
          rows.format(),
          rows.shape(),
          RgbImage.MAX_PIXELS);
      return new NpzImages(file, npz, rows);
    } catch (RuntimeException e) {
      npz.close();
      throw e;
    }
  }

  private static boolean holdsPictures(NpzRows rows) {
    List<Long> shape = rows.shape();
    return rows.format() == NumberFormat.UINT8
        && shape.size() == 4
        && shape.get(0) >= 1
        && shape.get(1) >= 1
        && shape.get(2) >= 1
        && shape.get(3) == 3
        && rows.rowBytes() <= 3L * RgbImage.MAX_PIXELS;
  }

  /** Returns how many pictures there are. */
  public long count() {
    return rows.shape().get(0);
  }

  /** Returns the pixels in a row. */
  public int width() {
    return rows.shape().get(2).intValue();
  }

  /** Returns the pixels in a column. */
  public int height() {
    return rows.shape().get(1).intValue();
  }

  /**
   * Returns the next picture; empty after the last one.
   *
   * @throws UserError if the file is cut off or damaged
   */
  public Optional<RgbImage> next() {
    return rows.left() == 0
        ? Optional.empty()
        : Optional.of(RgbImage.of(width(), height(), rows.next()));
  }

  /**
   * Returns the class of each picture, if the file has them.
   *
   * @throws UserError if there is not one for each picture
   */
  public Optional<long[]> labels() {
    if (!npz.has(LABELS)) {
      return Optional.empty();
    }
    List<Long> shape = npz.shape(LABELS);
    check(
        shape.equals(List.of(count())),
        "Cannot read classes from '%s': arr_1 is %s ([%d], one for each picture)",
        file,
        shape,
        count());
    return npz.find(LABELS).map(array -> array.toLongs());
  }

  @Override
  public void close() {
    try (npz) {
      rows.close();
    }
  }
}
