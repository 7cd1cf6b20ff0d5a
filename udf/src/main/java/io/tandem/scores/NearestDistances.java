package io.tandem.scores;

import static io.tandem.base.Checks.check;

import io.tandem.fid.FeatureSet;
import io.tandem.fid.LinearAlgebra;
import java.io.Serializable;
import java.util.Arrays;

/**
 * For each vector of a set the squared distances to its nearest others, so far. Found in parts of
 * the others and put together, in any order with the same result. Not thread-safe; serializable, 8
 * bytes x vectors x neighbours.
 */
public final class NearestDistances implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Vectors on either side of a product: its numbers take 16 MB. */
  static final int BLOCK = 2000;

  private final int neighbours;

  /** Row by row, each row sorted; infinite where none is known. */
  private final double[] nearest;

  private NearestDistances(int neighbours, double[] nearest) {
    this.neighbours = neighbours;
    this.nearest = nearest;
  }

  /** Returns what is known of {@code vectors} vectors before any distance is. */
  public static NearestDistances none(int vectors, int neighbours) {
    check(neighbours >= 1, "Cannot find the %d nearest vectors (at least 1)", neighbours);
    double[] nearest = new double[Math.multiplyExact(vectors, neighbours)];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    return new NearestDistances(neighbours, nearest);
  }

  /** Returns the distances of all vectors of {@code set} to the others of it. */
  public static NearestDistances within(FeatureSet set, int neighbours, LinearAlgebra algebra) {
    NearestDistances all = none(set.size(), neighbours);
    for (int from = 0; from < set.size(); from += BLOCK) {
      FeatureSet some = set.range(from, Math.min(from + BLOCK, set.size()));
      for (int other = from; other < set.size(); other += BLOCK) {
        FeatureSet others = set.range(other, Math.min(other + BLOCK, set.size()));
        all.addPairs(some, from, others, other, algebra);
      }
    }
    return all;
  }

  /** Adds the distances between two blocks, which are one or have none in common. */
  private void addPairs(
      FeatureSet some, int from, FeatureSet others, int other, LinearAlgebra algebra) {
    RoughDistances rough = RoughDistances.between(some, others, algebra);
    double[] bounds = new double[others.size()];
    for (int i = 0; i < some.size(); i++) {
      rough.lowerBounds(i, bounds);
      for (int j = from == other ? i + 1 : 0; j < bounds.length; j++) {
        if (bounds[j] < Math.max(farthest(from + i), farthest(other + j))) {
          double distance = some.squaredDistance(i, others, j);
          add(from + i, distance);
          add(other + j, distance);
        }
      }
    }
  }

  private double farthest(int vector) {
    return nearest[(vector + 1) * neighbours - 1];
  }

  /** Adds a squared distance of {@code vector} to another one. */
  public void add(int vector, double squared) {
    int first = vector * neighbours;
    int at = first + neighbours - 1;
    if (squared < nearest[at]) {
      while (at > first && nearest[at - 1] > squared) {
        nearest[at] = nearest[at - 1];
        at--;
      }
      nearest[at] = squared;
    }
  }

  /** Adds what is known of the same vectors from others that are not in this. */
  public void add(NearestDistances other) {
    if (neighbours != other.neighbours || nearest.length != other.nearest.length) {
      throw new IllegalArgumentException("Cannot put distances of different sets together");
    }
    for (int i = 0; i < nearest.length; i++) {
      add(i / neighbours, other.nearest[i]);
    }
  }

  /**
   * Returns the squared distance of each vector to the last of its nearest others.
   *
   * @throws io.tandem.base.UserError if there are fewer others than neighbours
   */
  public double[] squaredRadii() {
    double[] radii = new double[nearest.length / neighbours];
    for (int i = 0; i < radii.length; i++) {
      radii[i] = nearest[(i + 1) * neighbours - 1];
      check(
          radii[i] < Double.POSITIVE_INFINITY,
          "Cannot find the %d nearest others of %d samples (more samples than that). Use more"
              + " samples.",
          neighbours,
          radii.length);
    }
    return radii;
  }
}
