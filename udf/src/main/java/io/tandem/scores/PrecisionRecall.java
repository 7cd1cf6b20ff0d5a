package io.tandem.scores;

import static io.tandem.base.Checks.check;

import io.tandem.fid.FeatureSet;
import io.tandem.fid.LinearAlgebra;
import java.util.BitSet;
import java.util.List;

/**
 * How much of what is generated is like what is real, and the other way round: precision and recall
 * (Kynkäänniemi et al., arXiv 1904.06991), density and coverage (Naeem et al., arXiv 2002.09797).
 *
 * <p>The sets may differ in size; precision and recall are then no symmetric estimates. Of G
 * generated and R real vectors of d numbers, 2 d (G R + (G^2 + R^2) / 2) operations. A set can be
 * compared block by block: {@link Overlap} of each block of generated vectors, then {@link
 * Result#of}.
 */
public final class PrecisionRecall {

  private PrecisionRecall() {}

  /** Which vectors a ball holds. */
  public enum Boundary {
    /** Those at a distance up to the radius, as the original has it. */
    INSIDE,
    /** Those nearer than the radius, as prdc and dgm-eval have it. */
    OUTSIDE
  }

  /**
   * How balls are drawn.
   *
   * @param neighbours of a vector, without itself, that its ball reaches to
   * @param boundary whether the last of them is in it
   */
  public record Rule(int neighbours, Boundary boundary) {

    /** The original's, ADM's, StyleGAN's and torch-fidelity's: three neighbours. */
    public static final Rule KYNKAANNIEMI = new Rule(3, Boundary.INSIDE);

    /** That of prdc and dgm-eval: five neighbours. */
    public static final Rule PRDC = new Rule(5, Boundary.OUTSIDE);

    /** Checks {@code neighbours}. */
    public Rule {
      check(neighbours >= 1, "Cannot find the %d nearest vectors (at least 1)", neighbours);
    }

    private boolean holds(double squaredDistance, double squaredRadius) {
      return boundary == Boundary.INSIDE
          ? squaredDistance <= squaredRadius
          : squaredDistance < squaredRadius;
    }
  }

  /** What the vectors of two sets are to each other. Immutable. */
  public static final class Overlap {

    private final int[] realBalls;
    private final BitSet recalled;
    private final BitSet covered;

    private Overlap(int[] realBalls, BitSet recalled, BitSet covered) {
      this.realBalls = realBalls;
      this.recalled = recalled;
      this.covered = covered;
    }

    /** Returns how many balls around real vectors hold each generated vector. */
    public int[] realBalls() {
      return realBalls.clone();
    }

    /** Returns which real vectors are in a ball around a generated one. */
    public BitSet recalled() {
      return (BitSet) recalled.clone();
    }

    /** Returns which real vectors have a generated one in their ball. */
    public BitSet covered() {
      return (BitSet) covered.clone();
    }

    /**
     * Returns the overlap that the three methods above described, on another machine for instance.
     *
     * @param realBalls one number for each generated vector
     */
    public static Overlap of(int[] realBalls, BitSet recalled, BitSet covered) {
      return new Overlap(realBalls.clone(), (BitSet) recalled.clone(), (BitSet) covered.clone());
    }

    /**
     * Returns the overlap of two sets.
     *
     * @param generated balls around generated vectors, all or some of them
     * @throws io.tandem.base.UserError if they are of different dimensions
     */
    public static Overlap of(Balls real, Balls generated, Rule rule, LinearAlgebra algebra) {
      RoughDistances.requireSameDimension(real.centres(), generated.centres());
      int[] realBalls = new int[generated.centres().size()];
      BitSet recalled = new BitSet(real.centres().size());
      BitSet covered = new BitSet(real.centres().size());
      for (int row = 0; row < realBalls.length; row += NearestDistances.BLOCK) {
        Balls rows = block(generated, row);
        for (int column = 0; column < real.centres().size(); column += NearestDistances.BLOCK) {
          Balls columns = block(real, column);
          RoughDistances rough = RoughDistances.between(rows.centres(), columns.centres(), algebra);
          double[] rowRadii = rows.squaredRadii();
          double[] columnRadii = columns.squaredRadii();
          double[] bounds = new double[columnRadii.length];
          for (int i = 0; i < rowRadii.length; i++) {
            rough.lowerBounds(i, bounds);
            for (int j = 0; j < columnRadii.length; j++) {
              if (bounds[j] <= Math.max(rowRadii[i], columnRadii[j])) {
                double distance = rows.centres().squaredDistance(i, columns.centres(), j);
                if (rule.holds(distance, columnRadii[j])) {
                  realBalls[row + i]++;
                  covered.set(column + j);
                }
                if (rule.holds(distance, rowRadii[i])) {
                  recalled.set(column + j);
                }
              }
            }
          }
        }
      }
      return new Overlap(realBalls, recalled, covered);
    }

    private static Balls block(Balls balls, int from) {
      return balls.range(from, Math.min(from + NearestDistances.BLOCK, balls.centres().size()));
    }

    /** Returns which generated vectors are in a ball around a real one. */
    public BitSet precise() {
      BitSet precise = new BitSet(realBalls.length);
      for (int i = 0; i < realBalls.length; i++) {
        precise.set(i, realBalls[i] > 0);
      }
      return precise;
    }
  }

  /**
   * The four shares.
   *
   * @param precision share of the generated vectors that are in a ball around a real one
   * @param recall share of the real vectors that are in a ball around a generated one
   * @param density balls around real vectors that hold a generated one, on average, per neighbour;
   *     may exceed 1
   * @param coverage share of the real vectors whose ball holds a generated one
   */
  public record Result(double precision, double recall, double density, double coverage) {

    /**
     * Returns the shares of a set of generated vectors.
     *
     * @param overlaps of its blocks with the same real vectors, at least one
     * @param real number of real vectors
     */
    public static Result of(List<Overlap> overlaps, int real, Rule rule) {
      long generated = 0;
      long precise = 0;
      long balls = 0;
      BitSet recalled = new BitSet(real);
      BitSet covered = new BitSet(real);
      for (Overlap overlap : overlaps) {
        generated += overlap.realBalls.length;
        for (int around : overlap.realBalls) {
          precise += around > 0 ? 1 : 0;
          balls += around;
        }
        recalled.or(overlap.recalled);
        covered.or(overlap.covered);
      }
      return new Result(
          (double) precise / generated,
          (double) recalled.cardinality() / real,
          (double) balls / rule.neighbours() / generated,
          (double) covered.cardinality() / real);
    }
  }

  /**
   * Returns the shares of {@code generated} and {@code real}.
   *
   * @throws io.tandem.base.UserError if they are of different dimensions or one has no more vectors
   *     than a vector has neighbours
   */
  public static Result of(FeatureSet real, FeatureSet generated, Rule rule, LinearAlgebra algebra) {
    RoughDistances.requireSameDimension(real, generated);
    Balls realBalls = Balls.of(real, rule.neighbours(), algebra);
    Balls generatedBalls = Balls.of(generated, rule.neighbours(), algebra);
    Overlap overlap = Overlap.of(realBalls, generatedBalls, rule, algebra);
    return Result.of(List.of(overlap), real.size(), rule);
  }
}
