package io.tandem.train;

import static io.tandem.base.Checks.check;

/**
 * Learning rate over the steps of a run: it rises linearly from 0.5 % of the peak, stays there for
 * 5 % of the rest, and falls linearly (the schedule "lin0" of VAR's training,
 * FoundationVision/VAR@78b9539, utils/lr_control.py).
 *
 * @param peak largest rate
 * @param warmUpSteps steps of the rise
 * @param endFraction rate of the last step as a share of the peak
 */
public record LearningRate(double peak, long warmUpSteps, double endFraction) {

  private static final double START = 0.005;
  private static final double HELD = 0.05;

  public LearningRate {
    check(
        peak > 0 && peak < Double.POSITIVE_INFINITY,
        "Cannot train at a learning rate of %s (more than 0)",
        peak);
    check(warmUpSteps >= 0, "Cannot warm up for %d steps (0 or more)", warmUpSteps);
    check(
        endFraction >= 0 && endFraction <= 1,
        "Cannot end at %s of the learning rate (0 to 1)",
        endFraction);
  }

  /** Returns the rate of {@code step}, from 0 to {@code steps - 1}. */
  public double at(long step, long steps) {
    if (step < warmUpSteps) {
      return peak * (START + (1 - START) * step / warmUpSteps);
    }
    double passed = (double) (step - warmUpSteps) / Math.max(1, steps - 1 - warmUpSteps);
    if (passed < HELD) {
      return peak;
    }
    return peak * (endFraction + (1 - endFraction) * (1 - passed) / (1 - HELD));
  }
}
