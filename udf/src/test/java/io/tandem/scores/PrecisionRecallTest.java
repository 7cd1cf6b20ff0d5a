package io.tandem.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.JacobiAlgebra;
import io.tandem.fid.LinearAlgebra;
import io.tandem.kernel.LibTorchAlgebra;
import io.tandem.scores.PrecisionRecall.Boundary;
import io.tandem.scores.PrecisionRecall.Overlap;
import io.tandem.scores.PrecisionRecall.Result;
import io.tandem.scores.PrecisionRecall.Rule;
import io.tandem.testing.Serialization;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PrecisionRecallTest {

  private static final LinearAlgebra TORCH = new LibTorchAlgebra();

  private static final FeatureSet REAL = Sets.column(0, 1, 2, 3, 10);
  private static final FeatureSet GENERATED = Sets.column(0.5, 1.5, 2.5, 20);

  @ParameterizedTest
  @MethodSource("io.tandem.scores.Sets#algebras")
  void ofSmallSetsByHand(LinearAlgebra algebra) {
    assertThat(roots(Balls.of(REAL, 3, algebra))).containsExactly(3, 2, 2, 3, 9);
    assertThat(roots(Balls.of(GENERATED, 3, algebra))).containsExactly(19.5, 18.5, 17.5, 19.5);

    Result three = PrecisionRecall.of(REAL, GENERATED, new Rule(3, Boundary.INSIDE), algebra);
    assertThat(three.precision()).isEqualTo(0.75);
    assertThat(three.recall()).isEqualTo(1);
    assertThat(three.density()).isCloseTo(3.5 / 3, within(1e-15));
    assertThat(three.coverage()).isEqualTo(1);

    assertThat(PrecisionRecall.of(REAL, GENERATED, new Rule(1, Boundary.INSIDE), algebra))
        .isEqualTo(new Result(0.75, 1, 1.5, 0.8));
  }

  @ParameterizedTest
  @MethodSource("io.tandem.scores.Sets#algebras")
  void theBoundaryDecidesTies(LinearAlgebra algebra) {
    FeatureSet real = Sets.column(0, 2);
    FeatureSet generated = Sets.column(4, 5);

    Result inside = PrecisionRecall.of(real, generated, new Rule(1, Boundary.INSIDE), algebra);
    Result outside = PrecisionRecall.of(real, generated, new Rule(1, Boundary.OUTSIDE), algebra);

    assertThat(inside.precision()).isEqualTo(0.5);
    assertThat(inside.recall()).isZero();
    assertThat(outside.precision()).isZero();
  }

  @Test
  void exchangingTheSetsExchangesPrecisionAndRecall() {
    Rule rule = new Rule(2, Boundary.INSIDE);
    FeatureSet a = Sets.uniform(1, 60, 3, 0, 1);
    FeatureSet b = Sets.uniform(2, 45, 3, 0.3, 1.4);

    Result forwards = PrecisionRecall.of(a, b, rule, TORCH);
    Result backwards = PrecisionRecall.of(b, a, rule, TORCH);

    assertThat(backwards.precision()).isEqualTo(forwards.recall()).isNotEqualTo(0);
    assertThat(backwards.recall()).isEqualTo(forwards.precision()).isNotEqualTo(0);
    assertThat(forwards.precision()).isNotEqualTo(forwards.recall());
  }

  /** Whole numbers have exact distances, many of them equal; several blocks of either set. */
  @ParameterizedTest
  @EnumSource(Boundary.class)
  void agreesWithThePlainComputation(Boundary boundary) {
    Rule rule = new Rule(3, boundary);
    for (List<FeatureSet> sets :
        List.of(
            List.of(Sets.whole(1, 2100, 4, 20), Sets.whole(2, 2300, 4, 24)),
            List.of(Sets.uniform(3, 300, 16, 0, 1), Sets.uniform(4, 200, 16, 0.1, 1.1)),
            // float32 cannot tell these distances apart, nor hold those products
            List.of(Sets.uniform(3, 90, 5, 1e6, 1e6 + 9), Sets.uniform(4, 80, 5, 1e6, 1e6 + 9)),
            List.of(Sets.uniform(3, 90, 5, -1e20, 1e20), Sets.uniform(4, 80, 5, -1e20, 1e20)),
            List.of(Sets.uniform(3, 90, 5, 0, 1e-22), Sets.uniform(4, 80, 5, 0, 1e-22)))) {
      FeatureSet real = sets.get(0);
      FeatureSet generated = sets.get(1);

      assertThat(PrecisionRecall.of(real, generated, rule, TORCH))
          .isEqualTo(plain(real, generated, rule));
    }
  }

  @Test
  void doesNotDependOnTheAlgebra() {
    FeatureSet real = Sets.uniform(8, 120, 30, 0, 1);
    FeatureSet generated = Sets.uniform(9, 110, 30, 0.05, 1.05);

    assertThat(Balls.of(real, 3, TORCH).squaredRadii())
        .containsExactly(Balls.of(real, 3, new JacobiAlgebra()).squaredRadii());
    assertThat(PrecisionRecall.of(real, generated, Rule.KYNKAANNIEMI, TORCH))
        .isEqualTo(PrecisionRecall.of(real, generated, Rule.KYNKAANNIEMI, new JacobiAlgebra()));
  }

  @Test
  void blocksGiveTheResultOfTheWhole() {
    Rule rule = new Rule(3, Boundary.INSIDE);
    FeatureSet real = Sets.whole(5, 80, 3, 9);
    FeatureSet generated = Sets.whole(6, 70, 3, 11);
    Balls realBalls = Balls.of(real, 3, TORCH);
    Balls generatedBalls = Balls.of(generated, 3, TORCH);

    List<Overlap> overlaps =
        List.of(
            Overlap.of(realBalls, generatedBalls.range(0, 13), rule, TORCH),
            Overlap.of(realBalls, generatedBalls.range(13, 70), rule, TORCH));

    assertThat(Result.of(overlaps, 80, rule))
        .isEqualTo(PrecisionRecall.of(real, generated, rule, TORCH));
  }

  @Test
  void nearestDistancesOfPartsGiveThoseOfTheWhole() {
    FeatureSet set = Sets.whole(7, 50, 3, 9);
    NearestDistances whole = NearestDistances.within(set, 4, TORCH);
    List<NearestDistances> parts = new ArrayList<>();
    for (int part = 0; part < 3; part++) {
      NearestDistances some = NearestDistances.none(50, 4);
      for (int i = 0; i < 50; i++) {
        for (int j = part; j < 50; j += 3) {
          if (i != j) {
            some.add(i, Sets.squaredDistance(set, i, set, j));
          }
        }
      }
      parts.add(Serialization.roundTrip(some));
    }
    NearestDistances all = parts.get(2);
    all.add(parts.get(0));
    all.add(parts.get(1));

    assertThat(all.squaredRadii()).containsExactly(whole.squaredRadii());
  }

  @Test
  void scoresClassesFromTheSameOverlap() {
    Rule rule = new Rule(1, Boundary.INSIDE);
    Overlap overlap =
        Overlap.of(Balls.of(REAL, 1, TORCH), Balls.of(GENERATED, 1, TORCH), rule, TORCH);

    assertThat(overlap.precise().stream()).containsExactly(0, 1, 2);
    assertThat(ClassScores.precisions(overlap.precise(), new int[] {4, 2, 4, 2}))
        .containsExactly(Map.entry(2, 0.5), Map.entry(4, 1.0));
  }

  @Test
  void rejectsSetsThatAreTooSmallOrOfAnotherNetwork() {
    assertThatThrownBy(
            () -> PrecisionRecall.of(Sets.column(1, 2, 3), GENERATED, Rule.KYNKAANNIEMI, TORCH))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot find the 3 nearest others of 3 samples (more samples than that). Use more"
                + " samples.");
    assertThatThrownBy(() -> PrecisionRecall.of(REAL, Sets.whole(1, 9, 2, 5), Rule.PRDC, TORCH))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot compare sets of 1 and 2 features (equal numbers). Use features of the same"
                + " network.");
    assertThatThrownBy(() -> new Rule(0, Boundary.INSIDE))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot find the 0 nearest vectors (at least 1)");
  }

  private static double[] roots(Balls balls) {
    return Arrays.stream(balls.squaredRadii()).map(Math::sqrt).toArray();
  }

  private static Result plain(FeatureSet real, FeatureSet generated, Rule rule) {
    double[] realRadii = plainRadii(real, rule.neighbours());
    double[] generatedRadii = plainRadii(generated, rule.neighbours());
    int precise = 0;
    long balls = 0;
    boolean[] recalled = new boolean[real.size()];
    boolean[] covered = new boolean[real.size()];
    for (int i = 0; i < generated.size(); i++) {
      int around = 0;
      for (int j = 0; j < real.size(); j++) {
        double distance = Sets.squaredDistance(generated, i, real, j);
        if (holds(rule, distance, realRadii[j])) {
          around++;
          covered[j] = true;
        }
        recalled[j] |= holds(rule, distance, generatedRadii[i]);
      }
      precise += around > 0 ? 1 : 0;
      balls += around;
    }
    return new Result(
        (double) precise / generated.size(),
        share(recalled),
        (double) balls / rule.neighbours() / generated.size(),
        share(covered));
  }

  private static boolean holds(Rule rule, double distance, double radius) {
    return rule.boundary() == Boundary.INSIDE ? distance <= radius : distance < radius;
  }

  private static double share(boolean[] flags) {
    return IntStream.range(0, flags.length).filter(i -> flags[i]).count() / (double) flags.length;
  }

  /** The smallest distance but {@code neighbours}, that to itself included. */
  private static double[] plainRadii(FeatureSet set, int neighbours) {
    double[] radii = new double[set.size()];
    for (int i = 0; i < radii.length; i++) {
      double[] distances = new double[set.size()];
      for (int j = 0; j < distances.length; j++) {
        distances[j] = Sets.squaredDistance(set, i, set, j);
      }
      Arrays.sort(distances);
      radii[i] = distances[neighbours];
    }
    return radii;
  }
}
