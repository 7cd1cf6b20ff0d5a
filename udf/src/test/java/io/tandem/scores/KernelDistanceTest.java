package io.tandem.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.tandem.base.UserError;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.LinearAlgebra;
import io.tandem.kernel.LibTorchAlgebra;
import io.tandem.scores.KernelDistance.Subsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KernelDistanceTest {

  private static final LinearAlgebra TORCH = new LibTorchAlgebra();

  /** Whole numbers over 256, exact in float32. */
  private static final FeatureSet X = correlated(1, 64, 256, 0);

  private static final FeatureSet Y = correlated(2, 48, 160, 40);

  @ParameterizedTest
  @MethodSource("io.tandem.scores.Sets#algebras")
  void ofTwoVectorsByHand(LinearAlgebra algebra) {
    FeatureSet x = Sets.of(new float[] {0, 0}, new float[] {1, 0});
    FeatureSet y = Sets.of(new float[] {0, 1}, new float[] {1, 1});

    assertThat(KernelDistance.unbiased(x, y, algebra)).isCloseTo(19 / 16.0, within(1e-14));
    assertThat(KernelDistance.biased(x, y, algebra)).isCloseTo(47 / 16.0, within(1e-14));
  }

  @ParameterizedTest
  @MethodSource("io.tandem.scores.Sets#algebras")
  void ofSetsOfRationalNumbers(LinearAlgebra algebra) {
    FeatureSet x = X.range(0, 48);

    assertThat(KernelDistance.unbiased(x, Y, algebra))
        .isCloseTo(0.083614869169288633, within(1e-13));
    assertThat(KernelDistance.biased(x, Y, algebra)).isCloseTo(0.14441526572484986, within(1e-13));
    assertThat(KernelDistance.unbiased(X, Y, algebra))
        .isCloseTo(0.072078279835703821, within(1e-13));
    assertThat(KernelDistance.unbiased(x, x, algebra))
        .isCloseTo(-0.09524440657155629, within(1e-13));
  }

  @Test
  void severalBlocksGiveThePlainSum() {
    FeatureSet x = Sets.uniform(5, 1100, 4, 0, 2);
    FeatureSet y = Sets.uniform(6, 1050, 4, 0.5, 2);

    assertThat(KernelDistance.unbiased(x, y, TORCH))
        .isCloseTo(plainUnbiased(x, y), withinPercentage(1e-9));
  }

  @Test
  void drawsTheSubsetsOfTorchFidelity() {
    NumpyRandom random = new NumpyRandom(2020);
    double[] expected = new double[5];
    for (int i = 0; i < 5; i++) {
      FeatureSet x = X.select(random.choice(64, 20));
      FeatureSet y = Y.select(random.choice(48, 20));
      expected[i] = plainUnbiased(x, y);
    }
    double mean = Arrays.stream(expected).average().orElseThrow();
    double square = Arrays.stream(expected).map(each -> Math.pow(each - mean, 2)).sum() / 5;

    KernelDistance.Result result = KernelDistance.ofSubsets(X, Y, new Subsets(5, 20, 2020), TORCH);

    assertThat(result.mean()).isCloseTo(mean, within(1e-13));
    assertThat(result.deviation()).isCloseTo(Math.sqrt(square), within(1e-13));
  }

  @Test
  void scoresEachClassThatBothSetsHave() {
    FeatureSet generated = X.range(0, 6);
    FeatureSet real = Y.range(0, 7);

    assertThat(
            ClassScores.kernelDistances(
                generated,
                new int[] {5, 1, 5, 5, 1, 2},
                real,
                new int[] {1, 1, 1, 5, 5, 2, 0},
                TORCH))
        .containsOnlyKeys(1, 5)
        .hasEntrySatisfying(
            1,
            distance ->
                assertThat(distance)
                    .isCloseTo(
                        plainUnbiased(generated.select(1, 4), real.range(0, 3)), within(1e-12)));
    assertThatThrownBy(
            () -> ClassScores.kernelDistances(generated, new int[5], real, new int[7], TORCH))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot score the classes of 6 samples with 5 labels (one each)");
  }

  @Test
  void rejectsSubsetsLargerThanASet() {
    assertThatThrownBy(() -> KernelDistance.ofSubsets(X, Y, Subsets.TORCH_FIDELITY, TORCH))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot draw subsets of 1000 samples from sets of 64 and 48 (at least 1000). Use more"
                + " samples or smaller subsets.");
    assertThat(Subsets.TORCH_FIDELITY.atMost(48)).isEqualTo(new Subsets(100, 48, 2020));
    assertThatThrownBy(() -> KernelDistance.unbiased(X, Y.range(0, 1), TORCH))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot compute an unbiased KID of sets of 64 and 1 samples (at least 2)");
    assertThatThrownBy(() -> new Subsets(1, 1, 0))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot draw subsets of 1 samples (at least 2)");
    assertThatThrownBy(() -> new Subsets(1, 2, -1))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot draw subsets by seed -1 (0 to 4294967295)");
  }

  private static double plainUnbiased(FeatureSet x, FeatureSet y) {
    return plainSum(x, x) / ((double) x.size() * (x.size() - 1))
        + plainSum(y, y) / ((double) y.size() * (y.size() - 1))
        - 2 * plainSum(x, y) / ((double) x.size() * y.size());
  }

  /** Leaves out the pairs of a vector with itself. */
  private static double plainSum(FeatureSet a, FeatureSet b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      for (int j = 0; j < b.size(); j++) {
        double product = 0;
        for (int k = 0; k < a.dimension(); k++) {
          product += (double) a.number(i, k) * b.number(j, k);
        }
        sum += a == b && i == j ? 0 : Math.pow(product / a.dimension() + 1, 3);
      }
    }
    return sum;
  }

  private static FeatureSet correlated(long seed, int rows, int bound, int offset) {
    SplittableRandom random = new SplittableRandom(seed);
    List<float[]> all = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      float[] vector = new float[8];
      int before = 0;
      for (int i = 0; i < 8; i++) {
        int number = offset + (int) Math.floor(random.nextDouble() * bound);
        vector[i] = (number + before) / 256f;
        before = number;
      }
      all.add(vector);
    }
    return FeatureSet.of(all);
  }
}
