package io.tandem.job;

import io.tandem.train.LearningRate;
import io.tandem.train.Pace;

/**
 * How long and how fast VAR's and CoDe's authors trained, for any data set and batch size.
 *
 * <p>Steps are epochs of the data set at hand; rates grow with the batch, {@code base * batch /
 * 256}; the warm-up takes a fiftieth of the steps. Weight decay is constant where VAR's follows a
 * cosine.
 *
 * @see <a href="https://github.com/FoundationVision/VAR/blob/78b9539/README.md">VAR's training
 *     scripts</a> and arXiv 2411.17787, section 4.1, whose rates are taken for base rates
 */
public final class UsualPace {

  /** Images per step of VAR's training. */
  public static final int VAR_BATCH = 768;

  /** Images per step of CoDe's fine-tuning. */
  public static final int FINE_TUNING_BATCH = 1024;

  private static final int WARM_UP_SHARE = 50;
  private static final double RATE_BATCH = 256;

  private UsualPace() {}

  /**
   * Returns the pace of a transformer from initial weights.
   *
   * @param depth number of its blocks
   * @param batch images per step
   * @param images in the data set
   */
  public static Pace var(int depth, int batch, long images) {
    double epochs = depth <= 16 ? 200 : depth <= 20 ? 250 : 350;
    double rate = depth <= 20 ? 1e-4 : 8e-5;
    return pace(epochs, new Fineness(rate, endRate(depth), 0.05), batch, images);
  }

  /** Returns the pace of CoDe's drafter, as above: 5 % of 350 epochs. */
  public static Pace drafter(int depth, int batch, long images) {
    return pace(17.5, new Fineness(1e-6, endRate(depth), 0.08), batch, images);
  }

  /** Returns the pace of CoDe's refiner, as above: 25 % of 200 epochs. */
  public static Pace refiner(int depth, int batch, long images) {
    return pace(50, new Fineness(1e-5, endRate(depth), 0), batch, images);
  }

  private record Fineness(double baseRate, double endRate, double decay) {}

  private static double endRate(int depth) {
    return depth <= 20 ? 0.1 : 0.01;
  }

  private static Pace pace(double epochs, Fineness fineness, int batch, long images) {
    long steps = Math.max(1, Math.round(epochs * images / batch));
    double rate = fineness.baseRate * batch / RATE_BATCH;
    return new Pace(
        steps,
        batch,
        new LearningRate(rate, steps / WARM_UP_SHARE, fineness.endRate),
        fineness.decay,
        0);
  }
}
