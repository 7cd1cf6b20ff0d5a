package io.tandem.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.scores.SplitRule.Deviation;
import io.tandem.scores.SplitRule.Order;
import io.tandem.scores.SplitRule.Shape;
import io.tandem.testing.Serialization;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InceptionScoreTest {

  /** Logarithms of probabilities 1 and 0 as far as float64 tells them apart. */
  private static final float CERTAIN = 800;

  private static final float[][] RANDOM = random(3, 40);

  @Test
  void isTheNumberOfClassesThatAreUsedEqually() {
    int[] labels = IntStream.range(0, 70).map(i -> i % 7).toArray();

    assertThat(score(shares(1), oneHot(labels, 7)).mean()).isCloseTo(7, within(1e-12));
  }

  @Test
  void isOneWhereAllSamplesAreAlike() {
    float[][] alike = new float[12][5];
    Arrays.fill(alike, new float[] {1, 2, 3, 4, 5});

    assertThat(score(shares(1), alike).mean()).isCloseTo(1, within(1e-14));
    assertThat(score(shares(3), alike).splits()).hasSize(3);
  }

  @Test
  void ofTwoSamplesByHand() {
    float nine = (float) Math.log(9);

    // 2 x 0.9^0.9 x 0.1^0.1; the logarithm is rounded to float32
    assertThat(score(shares(1), new float[][] {{nine, 0}, {0, nine}}).mean())
        .isCloseTo(1.4449348111684153, within(1e-7));
  }

  @Test
  void fallsWithTheSplitsWhereSamplesAreInTheOrderOfTheirClasses() {
    float[][] sorted = oneHot(new int[] {0, 0, 1, 1, 2, 2, 3, 3}, 4);
    float[][] interleaved = oneHot(new int[] {0, 1, 2, 3, 0, 1, 2, 3}, 4);

    assertThat(score(shares(1), sorted).mean()).isCloseTo(4, within(1e-12));
    assertThat(score(shares(2), sorted).mean()).isCloseTo(2, within(1e-12));
    assertThat(score(shares(4), sorted).mean()).isCloseTo(1, within(1e-12));
    assertThat(score(shares(2), interleaved).mean()).isCloseTo(4, within(1e-12));
    assertThat(ClassOrder.isByClass(new int[] {0, 0, 1, 1, 2, 2, 3, 3})).isTrue();
    assertThat(ClassOrder.isByClass(new int[] {0, 1, 2, 3, 0, 1, 2, 3})).isFalse();
  }

  /** Golden values in float64; logits are float32 here. */
  @ParameterizedTest
  @CsvSource({
    "1, 2.1926019421835896, 0",
    "2, 2.1514743888305907, 0.02634547555820621",
    "10, 1.7527599994140632, 0.16108562627114906"
  })
  void ofRandomLogits(int splits, double mean, double deviation) {
    InceptionScore.Result result = score(shares(splits), RANDOM);

    assertThat(result.mean()).isCloseTo(mean, within(1e-6));
    assertThat(result.deviation()).isCloseTo(deviation, within(1e-6));
  }

  @ParameterizedTest
  @CsvSource({
    "SHARES, 10, 10, 1.81593652136705",
    "EQUAL_SHARES, 10, 10, 1.81591753699961",
    "CHUNKS, 10, 9, 1.86547830363754",
    "BLOCKS, 4, 11, 1.74174321545419"
  })
  void splitsAsEachToolDoes(Shape shape, int number, int splits, double mean) {
    SplitRule rule = new SplitRule(shape, number, Order.INDEX, Deviation.POPULATION);

    InceptionScore.Result result = score(rule, random(4, 41));

    assertThat(result.splits()).hasSize(splits);
    assertThat(result.mean()).isCloseTo(mean, within(1e-6));
  }

  @Test
  void shufflesAsTorchFidelityDoes() {
    float[][] sorted = oneHot(IntStream.range(0, 200).map(i -> i / 50).toArray(), 4);
    int[] order = new NumpyRandom(2020).permutation(200);
    float[][] shuffled = Arrays.stream(order).mapToObj(i -> sorted[i]).toArray(float[][]::new);

    InceptionScore.Result result = score(SplitRule.TORCH_FIDELITY, sorted);

    assertThat(result.splits()).isEqualTo(score(SplitRule.NVIDIA, shuffled).splits());
    assertThat(result.mean()).isGreaterThan(3);
  }

  @Test
  void dividesTheSpreadAsTheRuleSays() {
    InceptionScore.Result population = score(shares(10), RANDOM);
    InceptionScore.Result sample =
        score(new SplitRule(Shape.SHARES, 10, Order.INDEX, Deviation.SAMPLE), RANDOM);

    assertThat(sample.deviation())
        .isCloseTo(population.deviation() * Math.sqrt(10 / 9.0), within(1e-15));
    assertThat(SplitRule.TORCHMETRICS.deviation()).isEqualTo(Deviation.SAMPLE);
  }

  @Test
  void ignoresASummandOfTheLogits() {
    float[][] raised = Arrays.stream(RANDOM).map(row -> plus(row, 4096)).toArray(float[][]::new);

    assertThat(score(shares(1), raised).mean())
        .isCloseTo(score(shares(1), RANDOM).mean(), within(1e-3));
  }

  /** 20 groups of two samples are left out in turn; the others stay in their splits. */
  @Test
  void errorIsThatOfLeavingOutEachGroup() {
    double[] without = new double[20];
    for (int group = 0; group < 20; group++) {
      double sum = 0;
      for (int split = 0; split < 2; split++) {
        List<float[]> rest = new ArrayList<>();
        for (int i = split * 20; i < split * 20 + 20; i++) {
          if (i / 2 != group) {
            rest.add(RANDOM[i]);
          }
        }
        sum += score(shares(1), rest.toArray(float[][]::new)).mean();
      }
      without[group] = sum / 2;
    }
    double mean = Arrays.stream(without).average().orElseThrow();
    double expected =
        Math.sqrt(19 / 20.0 * Arrays.stream(without).map(x -> (x - mean) * (x - mean)).sum());

    assertThat(score(shares(2), RANDOM).standardError().orElseThrow())
        .isCloseTo(expected, within(1e-10));
    assertThat(score(shares(1), random(1, 19)).standardError()).isEmpty();
  }

  @Test
  void partsGiveTheScoreOfTheWhole() {
    InceptionScore even = new InceptionScore(shares(3), 6, 40);
    InceptionScore odd = new InceptionScore(shares(3), 6, 40);
    for (int i = 39; i >= 0; i--) {
      (i % 2 == 0 ? even : odd).add(i, RANDOM[i]);
    }

    InceptionScore both = Serialization.roundTrip(even);
    both.add(Serialization.roundTrip(odd));

    InceptionScore.Result whole = score(shares(3), RANDOM);
    assertThat(both.result().mean()).isCloseTo(whole.mean(), within(1e-14));
    assertThat(both.result().standardError().orElseThrow())
        .isCloseTo(whole.standardError().orElseThrow(), within(1e-12));
  }

  @Test
  void knowsTheOrderOfClasses() {
    int[] sorted = IntStream.range(0, 1000).map(i -> i / 50).toArray();
    int[] backwards = IntStream.range(0, 1000).map(i -> 19 - i / 50).toArray();
    int[] inTwoRuns = IntStream.range(0, 1000).map(i -> i % 500 / 25).toArray();
    SplittableRandom random = new SplittableRandom(1);
    int[] shuffled = random.ints(1000, 0, 20).toArray();
    int[] twoClasses = random.ints(1000, 0, 2).toArray();

    assertThat(ClassOrder.isByClass(sorted)).isTrue();
    assertThat(ClassOrder.isByClass(backwards)).isTrue();
    assertThat(ClassOrder.isByClass(inTwoRuns)).isTrue();
    assertThat(ClassOrder.isByClass(shuffled)).isFalse();
    assertThat(ClassOrder.isByClass(twoClasses)).isFalse();
    assertThat(ClassOrder.isByClass(new int[100])).isFalse();
    assertThat(ClassOrder.isByClass(IntStream.range(0, 100).toArray())).isFalse();
    assertThat(ClassOrder.isByClass(new int[0])).isFalse();
  }

  @Test
  void rejectsLogitsThatAreNone() {
    InceptionScore score = new InceptionScore(shares(1), 2, 3);
    score.add(0, new float[2]);

    assertRefused(
        () -> score.add(1, new float[] {0, Float.NaN}),
        "Cannot use the logits of sample 1: number 1 is NaN (finite). Check the pictures and the"
            + " weights of the feature network.");
    assertRefused(
        () -> score.add(1, new float[3]),
        "Cannot use the logits of sample 1: there are 3 (2 are needed). Use logits of one network.");
    assertRefused(
        () -> score.add(0, new float[2]),
        "Cannot add the logits of sample 0: they were added before (once)");
    assertRefused(
        () -> score.add(3, new float[2]),
        "Cannot add the logits of sample 3: there is none (0 to 2)");
    assertRefused(
        score::result, "Cannot compute an Inception Score: 1 of 3 samples were added (all)");
    assertRefused(
        () -> score.add(Serialization.roundTrip(score)),
        "Cannot put two parts of an Inception Score together: samples are in both (in one)");
  }

  @Test
  void rejectsMoreSplitsThanSamples() {
    assertRefused(
        () -> new InceptionScore(SplitRule.NVIDIA, 2, 9),
        "Cannot compute an Inception Score of 9 samples in 10 splits (at least one sample in each)."
            + " Use more samples.");
    assertRefused(() -> shares(0), "Cannot split samples by 0 (at least 1)");
  }

  private static void assertRefused(Runnable action, String message) {
    assertThatThrownBy(action::run).isInstanceOf(UserError.class).hasMessage(message);
  }

  private static SplitRule shares(int splits) {
    return new SplitRule(Shape.SHARES, splits, Order.INDEX, Deviation.POPULATION);
  }

  private static InceptionScore.Result score(SplitRule rule, float[][] logits) {
    InceptionScore score = new InceptionScore(rule, logits[0].length, logits.length);
    for (int i = 0; i < logits.length; i++) {
      score.add(i, logits[i]);
    }
    return score.result();
  }

  private static float[][] oneHot(int[] labels, int classes) {
    float[][] logits = new float[labels.length][classes];
    for (int i = 0; i < labels.length; i++) {
      logits[i][labels[i]] = CERTAIN;
    }
    return logits;
  }

  private static float[][] random(long seed, int samples) {
    SplittableRandom random = new SplittableRandom(seed);
    float[][] logits = new float[samples][6];
    for (float[] row : logits) {
      for (int i = 0; i < 6; i++) {
        row[i] = (float) (8 * random.nextDouble() - 4);
      }
    }
    return logits;
  }

  private static float[] plus(float[] row, float summand) {
    float[] raised = row.clone();
    for (int i = 0; i < raised.length; i++) {
      raised[i] += summand;
    }
    return raised;
  }
}
