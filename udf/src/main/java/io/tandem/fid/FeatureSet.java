package io.tandem.fid;

import static io.tandem.base.Checks.check;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Feature vectors of a set of pictures, in their order: N vectors of d float32 numbers. Immutable.
 */
public final class FeatureSet {

  private final int dimension;
  private final float[][] vectors;
  private final double[] squaredNorms;

  private FeatureSet(int dimension, float[][] vectors, double[] squaredNorms) {
    this.dimension = dimension;
    this.vectors = vectors;
    this.squaredNorms = squaredNorms;
  }

  /**
   * Returns a set of {@code vectors} themselves, which must not be changed afterwards: they are not
   * copied, because they may be most of the memory.
   *
   * @throws io.tandem.base.UserError if there are none, if they differ in length, or if a number is
   *     not finite
   */
  public static FeatureSet of(List<float[]> vectors) {
    check(!vectors.isEmpty(), "Cannot use the features of no samples (at least one)");
    int dimension = vectors.get(0).length;
    check(dimension > 0, "Cannot use the features of sample 0: there are none (at least one)");
    float[][] all = vectors.toArray(float[][]::new);
    double[] squaredNorms = new double[all.length];
    for (int i = 0; i < all.length; i++) {
      FeatureMoments.requireUsable(i, all[i], dimension);
      squaredNorms[i] = squaredNorm(all[i]);
    }
    return new FeatureSet(dimension, all, squaredNorms);
  }

  private static double squaredNorm(float[] vector) {
    double sum = 0;
    for (float number : vector) {
      sum += (double) number * number;
    }
    return sum;
  }

  /** Returns N, the number of vectors. */
  public int size() {
    return vectors.length;
  }

  /** Returns d, how many numbers a vector has. */
  public int dimension() {
    return dimension;
  }

  /** Returns number {@code i} of vector {@code row}. */
  public float number(int row, int i) {
    return vectors[row][i];
  }

  /** Returns a copy of vector {@code row}. */
  public float[] vector(int row) {
    return vectors[row].clone();
  }

  /** Returns the square of the length of vector {@code row}. */
  public double squaredNorm(int row) {
    return squaredNorms[row];
  }

  /**
   * Returns the square of the distance between vector {@code row} and one of {@code other}, the sum
   * of the squared differences in order: the same bits whichever of the two comes first.
   */
  public double squaredDistance(int row, FeatureSet other, int otherRow) {
    float[] here = vectors[row];
    float[] there = other.vectors[otherRow];
    double sum = 0;
    for (int i = 0; i < dimension; i++) {
      double difference = (double) here[i] - there[i];
      sum += difference * difference;
    }
    return sum;
  }

  /** Returns all numbers [N, d], vector by vector. */
  public float[] toFloats() {
    float[] all = new float[Math.multiplyExact(vectors.length, dimension)];
    for (int row = 0; row < vectors.length; row++) {
      System.arraycopy(vectors[row], 0, all, row * dimension, dimension);
    }
    return all;
  }

  /** Returns vectors {@code from} to {@code to - 1}, sharing the memory of this set. */
  public FeatureSet range(int from, int to) {
    return new FeatureSet(
        dimension,
        Arrays.copyOfRange(vectors, from, to),
        Arrays.copyOfRange(squaredNorms, from, to));
  }

  /** Returns the vectors {@code rows}, in that order, sharing the memory of this set. */
  public FeatureSet select(int... rows) {
    return new FeatureSet(
        dimension,
        IntStream.of(rows).mapToObj(row -> vectors[row]).toArray(float[][]::new),
        IntStream.of(rows).mapToDouble(row -> squaredNorms[row]).toArray());
  }

  /**
   * Returns the moments about {@code centre}, summed over 1,000 consecutive vectors each and then
   * over these, as {@link MomentBlocks} does.
   *
   * @throws io.tandem.base.UserError if {@code centre} is of another dimension
   */
  public FeatureMoments moments(double[] centre) {
    int blocks = (vectors.length + MomentBlocks.LENGTH - 1) / MomentBlocks.LENGTH;
    return FeatureMoments.sum(
        () -> IntStream.range(0, blocks).mapToObj(i -> block(i, centre)).iterator());
  }

  private FeatureMoments block(int block, double[] centre) {
    int from = block * MomentBlocks.LENGTH;
    int to = Math.min(from + MomentBlocks.LENGTH, vectors.length);
    return FeatureMoments.of(centre, Arrays.asList(vectors).subList(from, to));
  }

  @Override
  public String toString() {
    return vectors.length + " vectors of " + dimension + " features";
  }
}
