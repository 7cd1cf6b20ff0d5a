package io.tandem.fid;

import static io.tandem.fid.GoldenSets.X;
import static io.tandem.fid.GoldenSets.Y;
import static io.tandem.fid.GoldenSets.correlated;
import static io.tandem.fid.GoldenSets.statistics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.tandem.base.UserError;
import io.tandem.fid.FeatureMoments.Divisor;
import io.tandem.kernel.LibTorchAlgebra;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every case is computed in plain Java and by libtorch. */
class FrechetDistanceTest {

  /** Float64 keeps some 13 digits here; in percent of the value, as AssertJ has it. */
  private static final double TWELVE_DIGITS = 1e-10;

  static Stream<LinearAlgebra> algebras() {
    return Stream.of(new JacobiAlgebra(), new LibTorchAlgebra());
  }

  @ParameterizedTest
  @MethodSource("algebras")
  void isTheDistanceOfTheMeansWhereCovariancesAreEqual(LinearAlgebra algebra) {
    double[] ones = new double[96];
    Arrays.fill(ones, 1);
    GaussianStatistics atZero = GaussianStatistics.of(new double[96], Matrix.diagonal(ones));
    GaussianStatistics atOne = GaussianStatistics.of(ones, Matrix.diagonal(ones));

    assertThat(FrechetDistance.between(atZero, atOne, algebra))
        .isCloseTo(96, withinPercentage(TWELVE_DIGITS));
  }

  @ParameterizedTest
  @MethodSource("algebras")
  void isTheDistanceOfTheRootsWhereCovariancesAreDiagonal(LinearAlgebra algebra) {
    GaussianStatistics a = GaussianStatistics.of(new double[3], Matrix.diagonal(1, 4, 9));
    GaussianStatistics b = GaussianStatistics.of(new double[3], Matrix.diagonal(4, 4, 1));

    // (1 - 2)^2 + (2 - 2)^2 + (3 - 1)^2
    assertThat(FrechetDistance.between(a, b, algebra)).isCloseTo(5, within(1e-13));
  }

  @ParameterizedTest
  @MethodSource("algebras")
  void ofSamplesInOneDimension(LinearAlgebra algebra) {
    GaussianStatistics a = statistics(column(1, 2, 3, 4));
    GaussianStatistics b = statistics(column(2, 4, 6, 8));

    // variances 5/3 and 20/3, means 2.5 and 5
    assertThat(FrechetDistance.between(a, b, algebra)).isCloseTo(6.25 + 5 / 3.0, within(1e-13));
  }

  /** Covariances that do not commute tell matrix roots from roots of the elements. */
  @ParameterizedTest
  @MethodSource("algebras")
  void ofTwoByTwoCovariancesThatDoNotCommute(LinearAlgebra algebra) {
    Matrix a = Matrix.of(2, 2, 4, 1, 1, 3);
    Matrix b = Matrix.of(2, 2, 2, -1, -1, 5);
    double[] zero = {0, 0};

    // tr (AB)^(1/2) = (tr AB + 2 (det AB)^(1/2))^(1/2) = (21 + 2 99^(1/2))^(1/2)
    double trace = Math.sqrt(21 + 2 * Math.sqrt(99));
    assertThat(between(zero, a, zero, b, algebra)).isCloseTo(14 - 2 * trace, within(1e-13));
    assertThat(between(zero, a, new double[] {1, 2}, b, algebra))
        .isCloseTo(6.209417723632375759, within(1e-13));
  }

  @ParameterizedTest
  @MethodSource("algebras")
  void ofATridiagonalCovariance(LinearAlgebra algebra) {
    int d = 64;
    double[] band = new double[d * d];
    double[] ones = new double[d];
    for (int i = 0; i < d; i++) {
      band[i * d + i] = 2;
      band[i * d + Math.max(i - 1, 0)] += i > 0 ? 0.5 : 0;
      band[i * d + Math.min(i + 1, d - 1)] += i < d - 1 ? 0.5 : 0;
      ones[i] = 1;
    }

    // its eigenvalues are 2 + cos(k pi / 65)
    assertThat(
            between(
                new double[d],
                Matrix.of(d, d, band),
                new double[d],
                Matrix.diagonal(ones),
                algebra))
        .isCloseTo(13.9467040933695386, withinPercentage(TWELVE_DIGITS));
  }

  /** Golden values in 60 digits. */
  @ParameterizedTest
  @MethodSource("algebras")
  void ofSetsOfFullRank(LinearAlgebra algebra) {
    assertThat(FrechetDistance.between(statistics(X), statistics(Y), algebra))
        .isCloseTo(21798.9341439970722, withinPercentage(TWELVE_DIGITS));
    assertThat(
            FrechetDistance.between(
                statistics(correlated(21, 200, 64, 256, 0)),
                statistics(correlated(22, 150, 64, 160, 40)),
                algebra))
        .isCloseTo(175837.776193, withinPercentage(1e-8)); // twelve digits are known
  }

  /** Fewer samples than features. Golden values in 60 digits, where others lose 8 digits. */
  @ParameterizedTest
  @MethodSource("algebras")
  void ofSetsOfLowRank(LinearAlgebra algebra) {
    assertThat(between(X.subList(0, 5), Y.subList(0, 4), algebra))
        .isCloseTo(67801.082386741943, withinPercentage(TWELVE_DIGITS));
    assertThat(between(X.subList(0, 2), Y.subList(0, 2), algebra))
        .isCloseTo(69792.25, withinPercentage(TWELVE_DIGITS));
    assertThat(between(correlated(21, 40, 64, 256, 0), correlated(22, 30, 64, 160, 40), algebra))
        .isCloseTo(419506.3986111, withinPercentage(1e-8)); // 13 digits are known
  }

  @ParameterizedTest
  @MethodSource("algebras")
  void countsNoTraceWhereACovarianceIsZero(LinearAlgebra algebra) {
    List<float[]> same = List.of(new float[8], new float[8]);

    double distance = between(X, same, algebra);

    GaussianStatistics x = statistics(X);
    double expected = Arrays.stream(x.mean()).map(m -> m * m).sum() + x.covariance().trace();
    assertThat(distance).isCloseTo(expected, withinPercentage(TWELVE_DIGITS));
    assertThat(between(same, same, algebra)).isZero();
  }

  /** Equal sets, also with covariances that are singular or nearly so. */
  @ParameterizedTest
  @MethodSource("algebras")
  void isZeroBetweenASetAndItself(LinearAlgebra algebra) {
    for (List<float[]> set : List.of(X, X.subList(0, 5), correlated(3, 500, 64, 1000, 0))) {
      GaussianStatistics statistics = statistics(set);

      assertThat(FrechetDistance.between(statistics, statistics, algebra))
          .isCloseTo(0, within(1e-13 * statistics.covariance().trace()));
    }
    double[] steep = new double[64];
    Arrays.setAll(steep, i -> Math.pow(10, -i / 4.0));
    GaussianStatistics statistics = GaussianStatistics.of(new double[64], rotated(steep));
    assertThat(FrechetDistance.between(statistics, statistics, algebra))
        .isCloseTo(0, within(1e-13));
  }

  /** Eigenvalues over ten decades, where a root of a product would keep six digits. */
  @ParameterizedTest
  @MethodSource("algebras")
  void ofIllConditionedCovariances(LinearAlgebra algebra) {
    double[] falling = new double[64];
    double[] rising = new double[64];
    Arrays.setAll(falling, i -> Math.pow(10, -i * 10 / 63.0));
    Arrays.setAll(rising, i -> Math.pow(10, -(63 - i) * 10 / 63.0));
    double expected = 0;
    for (int i = 0; i < 64; i++) {
      double difference = Math.sqrt(falling[i]) - Math.sqrt(rising[i]);
      expected += difference * difference;
    }

    double distance =
        between(new double[64], rotated(falling), new double[64], rotated(rising), algebra);

    assertThat(distance).isCloseTo(expected, withinPercentage(1e-8));
  }

  @ParameterizedTest
  @MethodSource("algebras")
  void hasThePropertiesOfADistance(LinearAlgebra algebra) {
    double distance = between(X, Y, algebra);

    assertThat(between(Y, X, algebra)).isCloseTo(distance, withinPercentage(TWELVE_DIGITS));
    assertThat(between(scaled(X, 4), scaled(Y, 4), algebra))
        .isCloseTo(16 * distance, withinPercentage(TWELVE_DIGITS));
    assertThat(between(reversed(X), reversed(Y), algebra))
        .isCloseTo(distance, withinPercentage(TWELVE_DIGITS));
  }

  @ParameterizedTest
  @MethodSource("algebras")
  void staysTheSameUnderARotationAndAShiftOfBothSets(LinearAlgebra algebra) {
    Matrix rotation = reflection(8);
    double[] shift = {1, -20, 300, 4, 0, 0.5, -7, 80};

    double distance =
        FrechetDistance.between(moved(X, rotation, shift), moved(Y, rotation, shift), algebra);

    assertThat(distance).isCloseTo(between(X, Y, algebra), withinPercentage(TWELVE_DIGITS));
  }

  @Test
  void dividesBySamplesWhereAToolDoes() {
    FeatureMoments x = GoldenSets.moments(X);
    FeatureMoments y = GoldenSets.moments(Y);

    assertThat(
            FrechetDistance.between(
                x.statistics(Divisor.ALL), y.statistics(Divisor.ALL), new LibTorchAlgebra()))
        .isCloseTo(21596.2810194963378, withinPercentage(TWELVE_DIGITS));
  }

  /** The promise to users, 1e-10 of the traces, holds with room to spare. */
  @Test
  void dependsOnTheBlocksOnlyByRounding() {
    List<float[]> set = correlated(21, 200, 64, 256, 0);
    FrechetDistance distance =
        FrechetDistance.to(statistics(correlated(22, 150, 64, 160, 40)), new LibTorchAlgebra());
    double expected = distance.from(statistics(thirds(set)));

    for (int length : new int[] {1, 7, 64, 1000}) {
      MomentBlocks blocks = new MomentBlocks(new double[64], length);
      for (int i = 0; i < set.size(); i++) {
        blocks.add(i, thirds(set).get(i));
      }
      assertThat(distance.from(blocks.total().statistics()))
          .isCloseTo(expected, withinPercentage(1e-9));
    }
  }

  /** Numbers whose sums are rounded. */
  private static List<float[]> thirds(List<float[]> set) {
    return scaled(set, 1 / 3f);
  }

  /**
   * The squares of singular values from 1 to 1e-7 are lost in rounding, so that the values
   * themselves are needed; the covariances commute.
   */
  @ParameterizedTest
  @MethodSource("algebras")
  void ofCovariancesWhoseRootsSpanSevenDecades(LinearAlgebra algebra) {
    double[] a = new double[64];
    double[] b = new double[64];
    Arrays.setAll(a, i -> Math.pow(10, -i * 7 / 63.0));
    Arrays.setAll(b, i -> a[i] * (1 + 0.1 * Math.sin(i)));
    double expected = 0;
    for (int i = 0; i < 64; i++) {
      expected += Math.pow(Math.sqrt(a[i]) - Math.sqrt(b[i]), 2);
    }

    double distance = between(new double[64], rotated(a), new double[64], rotated(b), algebra);

    // of traces of 9, by which the distance is a thousand times smaller
    assertThat(distance).isCloseTo(expected, within(1e-13));
  }

  /**
   * The expectation of FID between samples and the distribution they are drawn from: tr S / N +
   * (sum l_i l_j / (l_i + l_j) + tr S / 2) / 2 (N - 1) over eigenvalues l, and the same again for
   * the other side if that is samples too. Draws deviate by some 1 %.
   */
  @Test
  void hasTheBiasOfFewSamples() {
    double[] variances = new double[16];
    Arrays.setAll(variances, i -> 0.2 + 1.8 * i / 15);
    GaussianStatistics truth = GaussianStatistics.of(new double[16], Matrix.diagonal(variances));
    FrechetDistance toTruth = FrechetDistance.to(truth, new JacobiAlgebra());
    Random random = new Random(17);

    assertThat(bias(variances, 2000)).isCloseTo(0.0415, within(1e-4));
    assertThat(bias(variances, 8000)).isCloseTo(0.01037, within(1e-5));
    assertThat(mean(100, () -> toTruth.from(drawn(variances, 2000, random))))
        .isCloseTo(bias(variances, 2000), withinPercentage(5));
    assertThat(mean(40, () -> toTruth.from(drawn(variances, 8000, random))))
        .isCloseTo(bias(variances, 8000), withinPercentage(8));
    assertThat(
            mean(
                100,
                () ->
                    FrechetDistance.between(
                        drawn(variances, 1000, random),
                        drawn(variances, 1500, random),
                        new JacobiAlgebra())))
        .isCloseTo(bias(variances, 1000) + bias(variances, 1500), withinPercentage(5));
  }

  private static double bias(double[] variances, int samples) {
    double trace = Arrays.stream(variances).sum();
    double pairs = 0;
    for (double a : variances) {
      for (double b : variances) {
        pairs += a * b / (a + b);
      }
    }
    return trace / samples + (pairs + trace / 2) / 2 / (samples - 1);
  }

  private static GaussianStatistics drawn(double[] variances, int samples, Random random) {
    int d = variances.length;
    double[] rows = new double[samples * d];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Math.sqrt(variances[i % d]) * random.nextGaussian();
    }
    return FeatureMoments.ofRows(new double[d], Matrix.owning(samples, d, rows)).statistics();
  }

  private static double mean(int draws, DoubleSupplier draw) {
    return DoubleStream.generate(draw).limit(draws).average().orElseThrow();
  }

  @Test
  void takesTheRootOfAReferenceOnce() {
    FrechetDistance toY = FrechetDistance.to(statistics(Y), new JacobiAlgebra());

    assertThat(toY.from(statistics(X)))
        .isEqualTo(toY.from(statistics(X)))
        .isEqualTo(FrechetDistance.between(statistics(Y), statistics(X), new JacobiAlgebra()));
    assertThat(toY.from(statistics(Y))).isCloseTo(0, within(1e-9));
  }

  @Test
  void rejectsStatisticsOfAnotherNetwork() {
    FrechetDistance distance = FrechetDistance.to(statistics(X), new JacobiAlgebra());

    assertThatThrownBy(() -> distance.from(statistics(column(1, 2))))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot compute a Frechet distance between statistics of 8 and 1 features (equal"
                + " numbers). Use statistics of the same feature network.");
  }

  @Test
  void rejectsACovarianceThatIsNone() {
    GaussianStatistics odd = GaussianStatistics.of(new double[2], Matrix.of(2, 2, 1, 2, 2, 1));

    assertThatThrownBy(() -> FrechetDistance.to(odd, new JacobiAlgebra()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot compute a Frechet distance with a covariance of eigenvalues from -1.00000 to"
                + " 3.00000 (none is negative). Check the file of the statistics.");
  }

  private static double between(List<float[]> a, List<float[]> b, LinearAlgebra algebra) {
    return FrechetDistance.between(statistics(a), statistics(b), algebra);
  }

  private static double between(
      double[] meanA, Matrix a, double[] meanB, Matrix b, LinearAlgebra algebra) {
    return FrechetDistance.between(
        GaussianStatistics.of(meanA, a), GaussianStatistics.of(meanB, b), algebra);
  }

  private static List<float[]> column(float... numbers) {
    List<float[]> rows = new ArrayList<>();
    for (float number : numbers) {
      rows.add(new float[] {number});
    }
    return rows;
  }

  private static List<float[]> scaled(List<float[]> set, float factor) {
    return set.stream()
        .map(
            row -> {
              float[] scaled = row.clone();
              for (int i = 0; i < scaled.length; i++) {
                scaled[i] *= factor;
              }
              return scaled;
            })
        .toList();
  }

  private static List<float[]> reversed(List<float[]> set) {
    return set.stream()
        .map(
            row -> {
              float[] reversed = new float[row.length];
              for (int i = 0; i < row.length; i++) {
                reversed[i] = row[row.length - 1 - i];
              }
              return reversed;
            })
        .toList();
  }

  /** Returns the statistics of {@code rotation x + shift}. */
  private static GaussianStatistics moved(List<float[]> set, Matrix rotation, double[] shift) {
    int d = shift.length;
    double[] rows = new double[set.size() * d];
    for (int row = 0; row < set.size(); row++) {
      for (int i = 0; i < d; i++) {
        rows[row * d + i] = shift[i];
        for (int k = 0; k < d; k++) {
          rows[row * d + i] += rotation.at(i, k) * set.get(row)[k];
        }
      }
    }
    return FeatureMoments.ofRows(new double[d], Matrix.owning(set.size(), d, rows)).statistics();
  }

  /** Returns 1 - 2 n n^T / n^T n, which is orthogonal. */
  private static Matrix reflection(int d) {
    double[] normal = new Random(6).doubles(d, -1, 1).toArray();
    double square = Arrays.stream(normal).map(x -> x * x).sum();
    double[] all = new double[d * d];
    for (int i = 0; i < d * d; i++) {
      all[i] = (i / d == i % d ? 1 : 0) - 2 * normal[i / d] * normal[i % d] / square;
    }
    return Matrix.of(d, d, all);
  }

  /** Returns the matrix with these eigenvalues, and the same eigenvectors for any of them. */
  private static Matrix rotated(double[] eigenvalues) {
    int d = eigenvalues.length;
    Random random = new Random(5);
    double[] normal = random.doubles(d, -1, 1).toArray();
    double square = Arrays.stream(normal).map(x -> x * x).sum();
    // H diag H of the reflection H = 1 - 2 n n^T / n^T n
    double weighted = 0;
    for (int i = 0; i < d; i++) {
      weighted += eigenvalues[i] * normal[i] * normal[i];
    }
    double[] all = new double[d * d];
    for (int row = 0; row < d; row++) {
      for (int column = 0; column < d; column++) {
        double product = normal[row] * normal[column];
        all[row * d + column] =
            (row == column ? eigenvalues[row] : 0)
                - 2 * product * (eigenvalues[row] + eigenvalues[column]) / square
                + 4 * product * weighted / (square * square);
      }
    }
    return Matrix.of(d, d, all);
  }
}
