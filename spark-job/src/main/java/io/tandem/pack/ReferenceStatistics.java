package io.tandem.pack;

import io.tandem.dataset.LabelledImages;
import io.tandem.fid.GaussianStatistics;
import io.tandem.fid.LinearAlgebra;
import io.tandem.fid.MomentBlocks;
import io.tandem.fid.StatisticsFile;
import io.tandem.kernel.LibTorchAlgebra;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Mean and covariance of the features of real pictures, which demo-FID is the distance to. */
public final class ReferenceStatistics {

  /** Pictures whose features are summed, and kept in the work folder, together. */
  private static final int PART = 500;

  private ReferenceStatistics() {}

  /**
   * Computes the statistics of all pictures of {@code images} and writes them to {@code file}, as
   * {@link StatisticsFile} does.
   *
   * @param reader the feature network
   * @param work folder that keeps what is finished, for a run after one that was killed
   * @param progress gets a line now and then
   * @throws io.tandem.base.UserError if a file cannot be written, or the network does not take the
   *     pictures
   */
  public static GaussianStatistics write(
      Path file,
      LabelledImages images,
      FeatureReader reader,
      Path work,
      Consumer<String> progress) {
    GaussianStatistics statistics = compute(images, reader, WorkFolder.open(work, progress));
    StatisticsFile.write(file, statistics);
    return statistics;
  }

  static GaussianStatistics compute(LabelledImages images, FeatureReader reader, WorkFolder work) {
    List<SamplePart> parts =
        work.parts(new PictureTask("reference", images, reader), images.size(), PART);
    LinearAlgebra algebra = new LibTorchAlgebra();
    int dimension = parts.get(0).features().get(0).length;
    MomentBlocks blocks = new MomentBlocks(new double[dimension], PART, algebra);
    long index = 0;
    for (SamplePart part : parts) {
      for (float[] features : part.features()) {
        blocks.add(index++, features);
      }
    }
    return blocks.total().statistics();
  }
}
