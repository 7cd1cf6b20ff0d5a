package io.tandem.train;

import static io.tandem.base.Checks.check;

/**
 * What a transformer learns: some scales, each with a weight over time, in steps of some size.
 *
 * @param first the first scale to learn, from 0
 * @param end the scale after the last one to learn
 * @param weighting of the scales
 * @param curriculum which steps learn fewer scales
 */
public record Objective(int first, int end, Weighting weighting, Curriculum curriculum) {

  public Objective {
    check(
        first >= 0 && first < end,
        "Cannot learn scales %d to %d (at least one, counted from 1)",
        first + 1,
        end);
    check(
        curriculum.isNone() || curriculum.coarseScales() > first,
        "Cannot learn scales %d to %d in steps of the first %d scales",
        first + 1,
        end,
        curriculum.coarseScales());
  }

  /** Returns the objective that learns all of {@code scales} alike. */
  public static Objective all(int scales) {
    return new Objective(0, scales, Weighting.EVEN, Curriculum.NONE);
  }

  /** Returns the weight of each scale to learn at {@code step} of {@code steps}. */
  double[] weights(long step, long steps) {
    double[] weights = new double[end - first];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = weighting.weight(first + i, step, steps);
    }
    return weights;
  }

  /**
   * How much the loss of the first scales counts over a run; the others always count fully.
   *
   * @param draftScales how many scales the drafter makes; 0 to count all scales fully
   * @param course how their weight changes
   */
  public record Weighting(int draftScales, Course course) {

    /** All scales count fully all the time. */
    public static final Weighting EVEN = new Weighting(0, Course.ANNEALED);

    double weight(int scale, long step, long steps) {
      if (scale >= draftScales) {
        return 1;
      }
      return switch (course) {
        case ANNEALED -> 1 - (double) step / Math.max(1, steps - 1);
        case TWO_STAGE -> 2 * step < steps ? 1 : 0;
      };
    }
  }

  /** How the weight of the drafter's scales goes from 1 to 0 while a refiner learns. */
  public enum Course {
    /** Linearly from the first to the last step (arXiv 2411.17787, section 3.3). */
    ANNEALED,
    /** At half of the run (the author's description, issue 6 of the public repository). */
    TWO_STAGE
  }

  /**
   * Steps that learn the coarse scales only, from more images: a coarse scale has few tokens, so
   * the same time shows many more images.
   *
   * @param period every such number of steps, one learns all scales; 1 for each
   * @param coarseScales how many scales the other steps learn
   * @param coarseBatch images of these steps
   */
  public record Curriculum(int period, int coarseScales, int coarseBatch) {

    /** Every step learns all scales. */
    public static final Curriculum NONE = new Curriculum(1, 0, 0);

    public Curriculum {
      check(period > 0, "Cannot learn all scales every %d steps (1 or more)", period);
      check(
          period == 1 || (coarseScales > 0 && coarseBatch > 0),
          "Cannot learn the first %d scales of %d images (1 or more of each)",
          coarseScales,
          coarseBatch);
    }

    boolean isNone() {
      return period == 1;
    }

    private boolean isCoarse(long step) {
      return (step + 1) % period != 0;
    }

    int end(long step, int end) {
      return isCoarse(step) ? Math.min(end, coarseScales) : end;
    }

    int batch(long step, int batch) {
      return isCoarse(step) ? coarseBatch : batch;
    }

    long imagesBefore(long step, int batch) {
      long full = step / period;
      return full * batch + (step - full) * coarseBatch;
    }
  }
}
