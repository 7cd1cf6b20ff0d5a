package io.tandem.export;

import static io.tandem.base.Checks.check;

import io.tandem.image.RgbImage;
import io.tandem.model.NumberFormat;
import io.tandem.npz.NpzArrayWriter;
import io.tandem.npz.NpzWriter;
import io.tandem.table.PictureRow;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Pictures as ADM's evaluator and its relatives read them: {@code arr_0} uint8 [N, H, W, 3] and
 * {@code arr_1} int64 [N], the classes.
 *
 * @see <a href="https://github.com/openai/guided-diffusion/tree/main/evaluations">ADM's
 *     evaluations, which need no labels but name the arrays so</a>
 */
final class NpzPictures implements PictureWriter {

  private final Path file;
  private final NpzWriter npz;
  private final long[] labels;
  private int count;
  private int width;
  private int height;
  private Optional<NpzArrayWriter> pixels = Optional.empty();

  private NpzPictures(Path file, NpzWriter npz, int pictures) {
    this.file = file;
    this.npz = npz;
    labels = new long[pictures];
  }

  static NpzPictures create(Path file, long pictures) {
    check(
        pictures >= 1 && pictures <= Integer.MAX_VALUE - 8,
        "Cannot export %d pictures to one npz file (1 to %d). Pass another --images.",
        pictures,
        Integer.MAX_VALUE - 8);
    return new NpzPictures(file, NpzWriter.create(file), (int) pictures);
  }

  @Override
  public void write(PictureRow picture) {
    RgbImage image = picture.pixels();
    if (pixels.isEmpty()) {
      width = image.width();
      height = image.height();
      pixels = Optional.of(npz.array("arr_0", NumberFormat.UINT8, labels.length, height, width, 3));
    }
    check(
        image.width() == width && image.height() == height,
        "Cannot export sample %d to '%s': it has %s, the first one %d x %d (an npz file holds"
            + " pictures of one size). Pass --format png or webdataset.",
        picture.sample().sampleIndex(),
        file,
        image,
        width,
        height);
    pixels.get().write(ByteBuffer.wrap(image.rgb()));
    labels[count++] = picture.sample().classId();
  }

  @Override
  public void commit() {
    if (count != labels.length) {
      throw new IllegalStateException(
          "Cannot complete '%s': %d of %d pictures came".formatted(file, count, labels.length));
    }
    pixels.orElseThrow().close();
    npz.longs("arr_1", labels, labels.length);
    ExportFormat.checkFree(file);
    npz.commit();
  }

  @Override
  public void close() {
    npz.close();
  }
}
