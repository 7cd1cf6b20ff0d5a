package io.tandem.pack;

import static io.tandem.base.Checks.check;

import io.tandem.fid.Jackknife;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.sample.SamplingConfig;

/**
 * How a pack is measured, the same for all its models.
 *
 * @param guidance of all sampled images
 * @param sampling of all sampled images
 * @param seeds fixed before anything is measured
 * @param amounts how many images
 * @param execution on what
 */
public record PackSettings(
    GuidanceSchedule guidance,
    SamplingConfig sampling,
    Seeds seeds,
    Amounts amounts,
    Execution execution) {

  /**
   * Seeds of everything that is drawn. Those of pictures must differ from one another and from
   * those of the training, so that no picture is in two sets.
   *
   * @param samples noise of the decoded images
   * @param heldOut pictures that the tokeniser reconstructs
   * @param real pictures that are compared with the reference as if they were samples
   * @param reference pictures of the reference statistics
   */
  public record Seeds(long samples, long heldOut, long real, long reference) {

    /** Those of the published figures. */
    public static final Seeds FIXED = new Seeds(0, 7_001, 7_002, 7_003);

    public Seeds {
      check(
          heldOut != real && heldOut != reference && real != reference,
          "Cannot measure with the seeds %d, %d and %d of held-out, real and reference pictures"
              + " (all different: no picture may be in two sets)",
          heldOut,
          real,
          reference);
    }

    /** Returns these seeds with another one for the noise. */
    public Seeds withSamples(long seed) {
      return new Seeds(seed, heldOut, real, reference);
    }
  }

  /**
   * How many images.
   *
   * @param images of each point, and held out; the samples of all points have the same indexes
   * @param referenceImages behind the reference statistics
   * @param batchSize images that are decoded together
   */
  public record Amounts(int images, int referenceImages, int batchSize) {

    /** Those of the published figures. */
    public static final Amounts USUAL = new Amounts(2_000, 10_000, 20);

    /** Each group that the error is estimated from must have a few samples. */
    private static final int LEAST = 2 * Jackknife.GROUPS;

    private static final int MOST = 1_000_000;

    public Amounts {
      check(
          images >= LEAST && images <= MOST,
          "Cannot measure %d images a point (%d to %d)",
          images,
          LEAST,
          MOST);
      check(
          referenceImages >= 2 && referenceImages <= MOST,
          "Cannot compute reference statistics of %d images (2 to %d)",
          referenceImages,
          MOST);
      check(
          batchSize >= 1 && batchSize <= MOST,
          "Cannot decode batches of %d images (1 to %d)",
          batchSize,
          MOST);
    }
  }

  /**
   * On what it is measured.
   *
   * @param precision of the products of transformers and tokeniser; the feature network is float32
   * @param device where
   */
  public record Execution(Precision precision, DeviceSpec device) {}

  /**
   * Passes if a pack of so many scales and classes can be measured so.
   *
   * @throws io.tandem.base.UserError otherwise
   */
  void requireFits(int scales, int classes) {
    sampling.checkScales(scales);
    check(
        guidance.scales() == scales,
        "Cannot measure images of %d scales with guidance for %d (one value per scale)",
        scales,
        guidance.scales());
    check(
        amounts.images % classes == 0,
        "Cannot measure %d images a point: they are not balanced over the classes (a multiple of"
            + " %d)",
        amounts.images,
        classes);
  }
}
