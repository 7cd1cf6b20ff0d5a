package io.tandem.pack;

import io.tandem.dataset.LabelledImages;
import io.tandem.image.RgbImage;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Features of the pictures of a data set.
 *
 * @param name what the task is called
 */
record PictureTask(String name, LabelledImages images, FeatureReader reader)
    implements WorkFolder.Task<SamplePart> {

  @Override
  public String identity() {
    return images.identity() + "\n" + reader.identity();
  }

  @Override
  public SamplePart compute(long first, long end) {
    List<RgbImage> pictures = LongStream.range(first, end).mapToObj(images::image).toList();
    return reader.read(pictures, first, 0);
  }

  @Override
  public void write(NpzWriter npz, SamplePart part) {
    part.write(npz);
  }

  @Override
  public SamplePart read(NpzFile npz) {
    return SamplePart.read(npz);
  }
}
