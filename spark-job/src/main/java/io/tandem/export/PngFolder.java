package io.tandem.export;

import io.tandem.table.PictureRow;
import java.nio.file.Path;

/**
 * A flat folder of PNG files, as pytorch-fid and torch-fidelity read it, named {@code
 * 000000012-3-star.png}: index, class, name of the class. Names sort as the samples do.
 */
final class PngFolder implements PictureWriter {

  private final StagedPlace folder;

  private PngFolder(StagedPlace folder) {
    this.folder = folder;
  }

  static PngFolder create(Path place) {
    return new PngFolder(StagedPlace.create(place));
  }

  @Override
  public void write(PictureRow picture) {
    folder.write(SampleName.of(picture.sample()) + ".png", picture.png());
  }

  @Override
  public void commit() {
    folder.commit();
  }

  @Override
  public void close() {
    folder.close();
  }
}
