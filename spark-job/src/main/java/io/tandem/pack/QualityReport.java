package io.tandem.pack;

import io.tandem.fid.Jackknife;
import java.util.List;
import java.util.Optional;

/**
 * What was measured about a pack. Shares are in [0, 1], entropies in nats.
 *
 * @param setting how it was measured
 * @param heldOut tokeniser and feature network on held-out pictures
 * @param samples images of all points
 * @param models what is known of the models themselves
 * @param expectations what was expected, and whether it came true
 * @param missing what was not measured
 */
public record QualityReport(
    Setting setting,
    HeldOut heldOut,
    Samples samples,
    Models models,
    List<Expectation> expectations,
    List<Missing> missing) {

  public QualityReport {
    expectations = List.copyOf(expectations);
    missing = List.copyOf(missing);
  }

  /** Returns the point called {@code name}, if it was measured. */
  public Optional<Point> point(String name) {
    return samples.points.stream().filter(point -> point.name.equals(name)).findFirst();
  }

  /**
   * How a pack was measured.
   *
   * @param sampling of all points
   * @param seeds fixed before anything was measured
   * @param amounts how many images
   * @param execution on what
   */
  public record Setting(
      Sampling sampling,
      PackSettings.Seeds seeds,
      PackSettings.Amounts amounts,
      Execution execution) {}

  /**
   * How tokens were drawn, each setting in the text that sets it.
   *
   * @param guidance strength and scales
   * @param topK by scale
   * @param topP by scale
   * @param temperature by scale
   * @param selection how a token was chosen
   */
  public record Sampling(
      String guidance, String topK, String topP, String temperature, String selection) {}

  /**
   * On what it was measured.
   *
   * @param precision of products
   * @param device where
   * @param threads of a kernel at the end of the measurement
   * @param software versions
   */
  public record Execution(String precision, String device, int threads, String software) {}

  /**
   * Held-out pictures.
   *
   * @param images how many
   * @param psnr of their reconstructions
   * @param codesUsedShare share of the codebook that any token uses
   * @param tokenEntropy by scale
   * @param reconstructionAgreement share of the reconstructions classified as their label
   * @param featureAccuracy share of the pictures themselves classified as their label
   */
  public record HeldOut(
      int images,
      Psnr psnr,
      double codesUsedShare,
      List<Double> tokenEntropy,
      double reconstructionAgreement,
      double featureAccuracy) {}

  /**
   * Peak signal to noise ratio in dB.
   *
   * @param meanOfPictures mean of the ratios of the pictures
   * @param pooled ratio of the mean error over all pictures
   */
  public record Psnr(double meanOfPictures, double pooled) {}

  /**
   * Images of all points, of the same sample indexes.
   *
   * @param images of each point
   * @param referenceImages behind the reference statistics
   * @param points in the order of measurement
   * @param differences between points, paired by sample index
   * @param trend over the number of draft scales
   */
  public record Samples(
      int images,
      int referenceImages,
      List<Point> points,
      List<Difference> differences,
      Trend trend) {}

  /**
   * One way to get images.
   *
   * @param name what it is called
   * @param plan which models decode which scales; empty for pictures that no plan decodes
   * @param draftScales scales that the drafter decodes, where there are two models
   * @param fid distance to the reference statistics
   * @param classAgreement how often images are classified as their label
   * @param speed of making the images, where they are made
   */
  public record Point(
      String name,
      Optional<String> plan,
      Optional<Integer> draftScales,
      Estimate fid,
      Agreement classAgreement,
      Optional<Speed> speed) {}

  /**
   * A number with its error, by leaving out each of 20 groups of samples in turn; the reference
   * statistics count as given.
   *
   * @param value from all samples
   * @param standardError of it
   * @param lower95 lower end of the 95 % interval
   * @param upper95 upper end
   */
  public record Estimate(double value, double standardError, double lower95, double upper95) {

    static Estimate of(Jackknife.Estimate estimate) {
      return new Estimate(
          estimate.value(), estimate.standardError(), estimate.lower95(), estimate.upper95());
    }
  }

  /**
   * How often images are classified as their label.
   *
   * @param share of all images
   * @param byClass share of the images of each class
   */
  public record Agreement(double share, List<Double> byClass) {}

  /**
   * How fast images were made, from labels or pictures to pixels.
   *
   * @param seconds for all images; whatever else the machine did meanwhile slows it
   * @param imagesPerSecond the same as a rate
   * @param transformerGigaflopPerImage work of the transformers, unconditional rows included; empty
   *     where none is used
   */
  public record Speed(
      double seconds, double imagesPerSecond, Optional<Double> transformerGigaflopPerImage) {}

  /**
   * FID of one point less that of another.
   *
   * @param minuend the first one
   * @param subtrahend the one that is subtracted
   * @param fid the difference; samples of one index are left out together
   */
  public record Difference(String minuend, String subtrahend, Estimate fid) {}

  /**
   * Collaborative decoding over the number N of draft scales.
   *
   * @param spearman rank correlation of N and FID; empty if an N is missing or all are equal
   * @param gapRatio (FID(N) - FID(drafter)) / (FID(refiner) - FID(drafter)) of the N of the
   *     fine-tuned pair; empty if one is missing or the refiner is as good as the drafter
   */
  public record Trend(Optional<Double> spearman, Optional<Double> gapRatio) {}

  /**
   * What is known of the models themselves.
   *
   * @param crossEntropy of each transformer on the held-out tokens
   * @param cost work per image and per token
   * @param files of the pack: those that ship, and the reference statistics
   * @param packBytes all of them
   */
  public record Models(
      List<CrossEntropy> crossEntropy, Cost cost, List<ModelFile> files, long packBytes) {}

  /**
   * Cross-entropy of a transformer, each token under the true ones before it, without guidance.
   *
   * @param model its name
   * @param natsByScale mean over the tokens of each scale
   * @param natsPerToken mean over all tokens
   */
  public record CrossEntropy(String model, List<Double> natsByScale, double natsPerToken) {}

  /**
   * Work of the plain algorithm in GFLOP, a multiplication and an addition being two operations.
   *
   * @param drafterPerImage plain drafter with guidance, without the image decoder
   * @param refinerPerImage plain refiner likewise
   * @param imageDecoder from feature map to pixels
   * @param drafterOverRefinerPerToken ratio of the first two
   * @param drafterOverRefinerSeconds ratio of the measured times, image decoder included
   */
  public record Cost(
      Optional<Double> drafterPerImage,
      Optional<Double> refinerPerImage,
      double imageDecoder,
      Optional<Double> drafterOverRefinerPerToken,
      Optional<Double> drafterOverRefinerSeconds) {}

  /**
   * A file.
   *
   * @param name in the folder
   * @param bytes its size
   */
  public record ModelFile(String name, long bytes) {}

  /**
   * Something that was expected.
   *
   * @param text what
   * @param target what the measured number must satisfy
   * @param measured the number; empty if what it is of is missing
   * @param met whether it does
   */
  public record Expectation(
      String text, String target, Optional<Double> measured, Optional<Boolean> met) {}

  /**
   * A point that was not measured.
   *
   * @param point its name
   * @param models that are not in the folder
   */
  public record Missing(String point, List<String> models) {}
}
