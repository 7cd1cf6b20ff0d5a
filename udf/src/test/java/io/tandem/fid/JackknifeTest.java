package io.tandem.fid;

import static io.tandem.fid.GoldenSets.correlated;
import static io.tandem.fid.GoldenSets.moments;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class JackknifeTest {

  private static final List<float[]> SET = correlated(31, 400, 4, 256, 0);

  private static final FrechetDistance TO_REFERENCE =
      FrechetDistance.to(
          GoldenSets.statistics(correlated(32, 500, 4, 256, 3)), new JacobiAlgebra());

  private static final ToDoubleFunction<FeatureMoments> FID =
      moments -> TO_REFERENCE.from(moments.statistics());

  private static final ToDoubleFunction<FeatureMoments> MEAN =
      moments -> moments.statistics().mean()[0];

  /** For a mean it is the textbook's standard error: deviation over the root of the count. */
  @Test
  void errorOfAMeanIsThatOfTheTextbook() {
    List<FeatureMoments> blocks = new ArrayList<>();
    double[] numbers = new double[20];
    Random random = new Random(1);
    for (int i = 0; i < 20; i++) {
      numbers[i] = (float) random.nextGaussian();
      blocks.add(moments(List.of(new float[] {(float) numbers[i]})));
    }

    Jackknife.Estimate estimate = Jackknife.of(blocks, MEAN);

    double mean = Arrays.stream(numbers).average().orElseThrow();
    double square = Arrays.stream(numbers).map(x -> (x - mean) * (x - mean)).sum() / 19;
    assertThat(estimate.value()).isCloseTo(mean, within(1e-15));
    assertThat(estimate.standardError()).isCloseTo(Math.sqrt(square / 20), within(1e-15));
    assertThat(estimate.upper95() - estimate.lower95())
        .isCloseTo(2 * 2.093024054408263 * estimate.standardError(), within(1e-15));
  }

  @Test
  void errorOfFidIsThatOfLeavingOutEachGroup() {
    double[] without = bruteForce(SET, 20);
    double mean = Arrays.stream(without).average().orElseThrow();
    double expected =
        Math.sqrt(19 / 20.0 * Arrays.stream(without).map(x -> (x - mean) * (x - mean)).sum());

    for (int blockLength : new int[] {20, 10, 1}) {
      Jackknife.Estimate estimate = Jackknife.of(blocks(SET, blockLength), FID);

      assertThat(estimate.value()).isEqualTo(FID.applyAsDouble(moments(SET)));
      assertThat(estimate.standardError()).isCloseTo(expected, within(1e-9 * expected));
    }
  }

  @Test
  void groupsOfAStreamOfBlocksAreThoseOfTheList() {
    List<FeatureMoments> blocks = blocks(SET, 8);

    List<FeatureMoments> groups = Jackknife.groups(blocks.iterator(), 50);

    assertThat(groups).hasSize(20);
    assertThat(groups.get(0)).isEqualTo(FeatureMoments.sum(blocks.subList(0, 2)));
    assertThat(groups.get(1)).isEqualTo(FeatureMoments.sum(blocks.subList(2, 5)));
    assertThat(Jackknife.of(groups, FID)).isEqualTo(Jackknife.of(blocks, FID));
  }

  /** 50 blocks make groups of two and of three blocks. */
  @Test
  void weightsGroupsOfUnequalSize() {
    List<FeatureMoments> blocks = blocks(SET, 8);
    double whole = FID.applyAsDouble(moments(SET));
    double estimateOfAll = 20 * whole;
    double[] without = new double[20];
    double[] share = new double[20];
    for (int i = 0; i < 20; i++) {
      int from = 8 * (i * 50 / 20);
      int to = 8 * ((i + 1) * 50 / 20);
      List<float[]> rest = new ArrayList<>(SET.subList(0, from));
      rest.addAll(SET.subList(to, 400));
      without[i] = FID.applyAsDouble(moments(rest));
      share[i] = 400.0 / (to - from);
      estimateOfAll -= (1 - 1 / share[i]) * without[i];
    }
    double variance = 0;
    for (int i = 0; i < 20; i++) {
      double pseudo = share[i] * whole - (share[i] - 1) * without[i];
      variance += Math.pow(pseudo - estimateOfAll, 2) / (share[i] - 1) / 20;
    }

    Jackknife.Estimate estimate = Jackknife.of(blocks, FID);

    assertThat(blocks).hasSize(50);
    assertThat(estimate.standardError()).isCloseTo(Math.sqrt(variance), within(1e-8));
  }

  @Test
  void errorOfADifferenceLeavesTheSameGroupOutOfBoth() {
    List<float[]> other = SET.stream().map(row -> moved(row, 5)).toList();
    double[] with = bruteForce(SET, 20);
    double[] without = bruteForce(other, 20);
    double[] differences = new double[20];
    Arrays.setAll(differences, i -> with[i] - without[i]);
    double mean = Arrays.stream(differences).average().orElseThrow();
    double expected =
        Math.sqrt(19 / 20.0 * Arrays.stream(differences).map(x -> (x - mean) * (x - mean)).sum());

    Jackknife.Estimate estimate = Jackknife.ofDifference(blocks(SET, 10), blocks(other, 10), FID);

    double difference = FID.applyAsDouble(moments(SET)) - FID.applyAsDouble(moments(other));
    assertThat(estimate.value()).isCloseTo(difference, within(1e-9));
    assertThat(estimate.standardError()).isCloseTo(expected, within(1e-9 * expected));
    // what the sets share cancels
    assertThat(estimate.standardError())
        .isLessThan(Jackknife.of(blocks(other, 10), FID).standardError());
  }

  @Test
  void aSetDoesNotDifferFromItself() {
    assertThat(Jackknife.ofDifference(blocks(SET, 20), blocks(SET, 20), FID))
        .isEqualTo(new Jackknife.Estimate(0, 0));
  }

  /** The interval of a mean of normal numbers holds the truth in 95 of 100 cases. */
  @Test
  void intervalsHoldTheTruthAsOftenAsTheySay() {
    Random random = new Random(8);
    int held = 0;
    for (int trial = 0; trial < 2000; trial++) {
      List<FeatureMoments> blocks = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        blocks.add(moments(List.of(new float[] {(float) random.nextGaussian()})));
      }
      Jackknife.Estimate estimate = Jackknife.of(blocks, MEAN);
      held += estimate.lower95() <= 0 && 0 <= estimate.upper95() ? 1 : 0;
    }

    // 1900 are expected, with a standard deviation of 10
    assertThat(held).isBetween(1860, 1940);
  }

  @Test
  void needsTwentyBlocks() {
    assertThatThrownBy(() -> Jackknife.of(blocks(SET, 40), FID))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot estimate an error from 10 blocks of samples (at least 20). Use more samples.");
  }

  @Test
  void comparesOnlySetsOfTheSameSamples() {
    assertThatThrownBy(() -> Jackknife.ofDifference(blocks(SET, 20), blocks(SET, 10), FID))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot compare sets of 20 and 40 blocks in pairs (equal numbers). Use the same samples"
                + " of both.");
    assertThatThrownBy(
            () -> Jackknife.ofDifference(blocks(SET, 20), blocks(SET.subList(0, 399), 20), FID))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot compare two sets in pairs: their blocks 20 have 20 and 19 samples (equal"
                + " numbers). Use the same samples of both.");
  }

  /** FID without each of 20 groups, from the vectors that are left. */
  private static double[] bruteForce(List<float[]> set, int groupLength) {
    double[] without = new double[set.size() / groupLength];
    for (int i = 0; i < without.length; i++) {
      List<float[]> rest = new ArrayList<>(set.subList(0, i * groupLength));
      rest.addAll(set.subList((i + 1) * groupLength, set.size()));
      without[i] = FID.applyAsDouble(moments(rest));
    }
    return without;
  }

  private static List<FeatureMoments> blocks(List<float[]> set, int length) {
    MomentBlocks blocks = new MomentBlocks(new double[4], length);
    for (int i = 0; i < set.size(); i++) {
      blocks.add(i, set.get(i));
    }
    return blocks.blocks();
  }

  private static float[] moved(float[] row, int by) {
    float[] moved = row.clone();
    moved[0] += by;
    moved[2] -= moved[1] / 50;
    return moved;
  }
}
