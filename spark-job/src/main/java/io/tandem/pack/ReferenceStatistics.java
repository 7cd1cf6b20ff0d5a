package io.tandem.pack;

import io.tandem.dataset.LabelledImages;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.MomentBlocks;
import io.tandem.fid.Reference;
import io.tandem.fid.ReferenceFile;
import io.tandem.image.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Mean, covariance and vectors of the features of real pictures, which demo-FID is the distance to.
 */
public final class ReferenceStatistics {

  /** Pictures whose features are summed, and kept in the work folder, together. */
  private static final int PART = 500;

  private ReferenceStatistics() {}

  /**
   * Computes the statistics of all pictures of {@code images} and writes them with the features to
   * {@code file}, as {@link ReferenceFile} does.
   *
   * @param reader the feature network
   * @param work folder that keeps what is finished, for a run after one that was killed
   * @param progress gets a line now and then
   * @throws io.tandem.base.UserError if a file cannot be written, or the network does not take the
   *     pictures
   */
  public static void write(
      Path file,
      LabelledImages images,
      FeatureReader reader,
      Path work,
      Consumer<String> progress) {
    Reference reference = compute(images, reader, WorkFolder.open(work, progress));
    ReferenceFile.write(file, reference, Optional.empty());
  }

  static Reference compute(LabelledImages images, FeatureReader reader, WorkFolder work) {
    List<SamplePart> parts =
        work.parts(new PictureTask("reference", images, reader), images.size(), PART);
    int dimension = reader.network().dimension();
    MomentBlocks blocks = new MomentBlocks(new double[dimension], PART);
    List<float[]> sample = new ArrayList<>();
    for (SamplePart part : parts) {
      for (float[] features : part.features()) {
        blocks.add(sample.size(), features);
        sample.add(features);
      }
    }
    return new Reference(
        blocks.total().statistics(),
        Optional.empty(),
        Optional.of(FeatureSet.of(sample)),
        Optional.of(reader.network().identity().text(description(images))));
  }

  private static Map<String, String> description(LabelledImages images) {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("images", images.identity());
    lines.put("samples", "" + images.size());
    RgbImage first = images.image(0);
    lines.put("size", first.width() + " x " + first.height());
    return lines;
  }
}
