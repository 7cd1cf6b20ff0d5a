package io.tandem.scores;

import io.tandem.fid.FeatureSet;
import io.tandem.fid.LinearAlgebra;
import java.util.Arrays;

/**
 * A ball around each vector of a set, which reaches to one of its nearest others: together they
 * stand for where samples of its kind are. Immutable.
 */
public final class Balls {

  private final FeatureSet centres;
  private final double[] squaredRadii;

  private Balls(FeatureSet centres, double[] squaredRadii) {
    this.centres = centres;
    this.squaredRadii = squaredRadii;
  }

  /**
   * Returns balls that reach to the nearest other number {@code neighbours}.
   *
   * @throws io.tandem.base.UserError if the set has no more vectors than that
   */
  public static Balls of(FeatureSet centres, int neighbours, LinearAlgebra algebra) {
    return of(centres, NearestDistances.within(centres, neighbours, algebra).squaredRadii());
  }

  /** Returns balls of the given size, one for each vector. */
  public static Balls of(FeatureSet centres, double[] squaredRadii) {
    if (squaredRadii.length != centres.size()) {
      throw new IllegalArgumentException(
          "Cannot make balls of %d radii around %s".formatted(squaredRadii.length, centres));
    }
    return new Balls(centres, squaredRadii.clone());
  }

  /** Returns the vectors in the middle. */
  public FeatureSet centres() {
    return centres;
  }

  /** Returns the square of each radius. */
  public double[] squaredRadii() {
    return squaredRadii.clone();
  }

  /** Returns the balls around vectors {@code from} to {@code to - 1}. */
  public Balls range(int from, int to) {
    return new Balls(centres.range(from, to), Arrays.copyOfRange(squaredRadii, from, to));
  }
}
