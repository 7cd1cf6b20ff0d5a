package io.tandem.train;

import java.time.Instant;
import java.util.List;

/**
 * What is kept of the optimiser step {@code step} of a stage.
 *
 * @param step optimiser steps done in this stage, this one included: 1 or more
 * @param images pictures trained on in this stage, those of this step included
 * @param loss what was minimised
 * @param update what the optimiser did
 * @param pace how fast it went
 * @param writtenAt when the step ended
 */
public record TrainingRow(
    long step, long images, Loss loss, Update update, Pace pace, Instant writtenAt) {

  public TrainingRow {
    if (step < 1 || images < 0) {
      throw new IllegalArgumentException(
          "Cannot keep step %d after %d images (steps from 1 on, images from 0 on)"
              .formatted(step, images));
    }
  }

  /**
   * The loss of a step; what it holds may be infinite or NaN.
   *
   * @param total what was minimised
   * @param terms what it consists of, not weighted, in the order in which they are shown
   */
  public record Loss(double total, List<Term> terms) {

    public Loss {
      terms = List.copyOf(terms);
      List<String> names = terms.stream().map(Term::name).toList();
      if (names.stream().distinct().count() < names.size()) {
        throw new IllegalArgumentException("Cannot keep losses %s: a name twice".formatted(names));
      }
    }
  }

  /** A named part of a loss. */
  public record Term(String name, double value) {}

  /**
   * What the optimiser did in a step.
   *
   * @param learningRate the learning rate of this step
   * @param gradientNorm the global norm of the gradients before clipping
   */
  public record Update(double learningRate, double gradientNorm) {}

  /**
   * How fast a stage went.
   *
   * @param imagesPerSecond since the row before
   * @param elapsedNanos time that the stage has taken so far, resumed parts added up
   */
  public record Pace(double imagesPerSecond, long elapsedNanos) {}
}
