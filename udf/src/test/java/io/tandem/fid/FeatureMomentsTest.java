package io.tandem.fid;

import static io.tandem.fid.GoldenSets.X;
import static io.tandem.fid.GoldenSets.Y;
import static io.tandem.fid.GoldenSets.moments;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.testing.Serialization;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureMomentsTest {

  @Test
  void goldenSetsAreThoseOfTheGoldenValues() {
    assertThat(X.get(0)).containsExactly(145, 335, 438, 361, 226, 308, 419, 357);
    assertThat(X.get(63)).containsExactly(171, 265, 236, 170, 124, 117, 191, 267);
    assertThat(Y.get(0)).containsExactly(134, 293, 294, 297, 251, 184, 251, 314);
  }

  @Test
  void meanAndCovarianceFollowFromSumsOfWholeNumbers() {
    GaussianStatistics x = moments(X).statistics();

    assertThat(x.count()).hasValue(64);
    double[] sums = {8031, 15703, 15705, 16908, 17056, 16282, 15812, 14672};
    assertThat(x.mean()).containsExactly(Arrays.stream(sums).map(sum -> sum / 64).toArray());
    assertThat(x.covariance().at(0, 0)).isCloseTo(4941.65054563492, within(1e-10));
    assertThat(x.covariance().at(0, 1)).isCloseTo(5535.04538690476, within(1e-10));
    assertThat(x.covariance().at(7, 0)).isCloseTo(-600.646825396825, within(1e-10));
    assertThat(x.covariance().trace()).isCloseTo(88835.5696924603175, within(1e-9));
    assertThat(moments(Y).statistics().covariance().trace())
        .isCloseTo(29429.1343085106383, within(1e-9));
  }

  @Test
  void sumsOfWholeNumbersAreExact() {
    FeatureMoments x = moments(X);
    FeatureMoments y = moments(Y);

    assertThat(sums(x)).containsExactly(8031, 15703, 15705, 16908, 17056, 16282, 15812, 14672);
    assertThat(sums(y)).containsExactly(5316, 11356, 11622, 11455, 11786, 11128, 11114, 11266);
    assertThat(x.product(0, 0)).isEqualTo(1319089);
    assertThat(x.product(0, 1)).isEqualTo(2319189).isEqualTo(x.product(1, 0));
    assertThat(x.product(7, 7)).isEqualTo(3946288);
    assertThat(traceOfProducts(x)).isEqualTo(34735801);
    assertThat(sumOfProducts(x)).isEqualTo(235056193);
    assertThat(traceOfProducts(y)).isEqualTo(20897595);
    assertThat(sumOfProducts(y)).isEqualTo(152661783);
  }

  private static double[] sums(FeatureMoments moments) {
    return IntStream.range(0, 8).mapToDouble(moments::sum).toArray();
  }

  private static double traceOfProducts(FeatureMoments moments) {
    return IntStream.range(0, 8).mapToDouble(i -> moments.product(i, i)).sum();
  }

  private static double sumOfProducts(FeatureMoments moments) {
    return IntStream.range(0, 64).mapToDouble(i -> moments.product(i / 8, i % 8)).sum();
  }

  @Test
  void addUpByHand() {
    FeatureMoments three =
        moments(List.of(new float[] {1, 2}, new float[] {3, 4}, new float[] {5, 9}));
    FeatureMoments two = moments(List.of(new float[] {10, 0}, new float[] {14, 6}));

    GaussianStatistics all = three.plus(two).statistics();

    assertThat(all.count()).hasValue(5);
    assertThat(all.mean()).containsExactly(6.6, 4.2);
    // sums of squares about the mean are [[113.2, 4.4], [4.4, 48.8]]
    assertThat(all.covariance().toArray())
        .containsExactly(new double[] {28.3, 1.1, 1.1, 12.2}, within(1e-14));
  }

  /** Sums of whole numbers are exact, so any blocks and any order give equal moments. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 32, 63, 64, 100})
  void wholeNumbersGiveTheSameMomentsInAnyBlocksAndOrder(int blockLength) {
    List<Integer> order = new ArrayList<>(List.of());
    for (int i = 0; i < X.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(blockLength));
    MomentBlocks blocks = new MomentBlocks(new double[8], blockLength);
    order.forEach(i -> blocks.add(i, X.get(i)));

    assertThat(blocks.blocks()).hasSize((64 + blockLength - 1) / blockLength);
    assertThat(blocks.total()).isEqualTo(moments(X));
    List<FeatureMoments> backwards = new ArrayList<>(blocks.blocks());
    Collections.reverse(backwards);
    assertThat(FeatureMoments.sum(backwards)).isEqualTo(moments(X));
  }

  @Test
  void sameSamplesGiveTheSameBitsInAnyOrderOfArrival() {
    List<float[]> vectors = gaussian(250, 16);
    MomentBlocks forwards = new MomentBlocks(new double[16], 100);
    MomentBlocks backwards = new MomentBlocks(new double[16], 100);
    for (int i = 0; i < 250; i++) {
      forwards.add(i, vectors.get(i));
      backwards.add(249 - i, vectors.get(249 - i));
    }

    assertThat(backwards.total()).isEqualTo(forwards.total());
  }

  @Test
  void otherBlocksGiveTheSameStatisticsUpToRounding() {
    List<float[]> vectors = gaussian(250, 16);
    MomentBlocks blocks = new MomentBlocks(new double[16], 7);
    for (int i = 0; i < 250; i++) {
      blocks.add(i, vectors.get(i));
    }

    GaussianStatistics whole = moments(vectors).statistics();
    GaussianStatistics inBlocks = blocks.total().statistics();
    assertThat(inBlocks.mean()).containsExactly(whole.mean(), within(1e-14));
    assertThat(inBlocks.covariance().toArray())
        .containsExactly(whole.covariance().toArray(), within(1e-13));
  }

  @Test
  void whatWasAddedCanBeTakenAway() {
    FeatureMoments wave = moments(X.subList(0, 20));
    FeatureMoments rest = moments(X.subList(20, 64));

    // whole numbers: exactly
    assertThat(rest.plus(wave).minus(wave)).isEqualTo(rest);
    assertThat(moments(X).minus(moments(X))).isEqualTo(FeatureMoments.none(new double[8]));

    List<float[]> vectors = gaussian(300, 16);
    GaussianStatistics first = moments(vectors.subList(0, 100)).statistics();
    GaussianStatistics restored =
        moments(vectors).minus(moments(vectors.subList(100, 300))).statistics();
    assertThat(restored.count()).hasValue(100);
    assertThat(restored.mean()).containsExactly(first.mean(), within(1e-12));
    assertThat(restored.covariance().toArray())
        .containsExactly(first.covariance().toArray(), within(1e-12));
  }

  /** About 0 the sums of squares, 3e16, would have lost the variance. */
  @Test
  void aCentreNearTheMeanKeepsTheDigitsOfSmallDifferences() {
    float far = 1 << 23;
    List<float[]> vectors =
        List.of(new float[] {far + 1}, new float[] {far + 2}, new float[] {far + 3});

    GaussianStatistics statistics = FeatureMoments.of(new double[] {far}, vectors).statistics();

    assertThat(statistics.mean()).containsExactly(far + 2);
    assertThat(statistics.covariance().toArray()).containsExactly(1);
  }

  @Test
  void aCentreNearTheMeanKeepsAVarianceOfOneAtAHundredMillion() {
    Matrix rows = Matrix.of(3, 1, 1e8 + 1, 1e8 + 2, 1e8 + 3);

    GaussianStatistics statistics = FeatureMoments.ofRows(new double[] {1e8}, rows).statistics();

    assertThat(statistics.covariance().toArray()).containsExactly(1);
    assertThat(statistics.mean()).containsExactly(1e8 + 2);
    assertThatThrownBy(() -> FeatureMoments.ofRows(new double[2], rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot take moments of a 3 x 1 matrix about a centre of 2");
  }

  @Test
  void dependOnTheCentreOnlyByRounding() {
    List<float[]> vectors = gaussian(100, 4);
    double[] centre = {1, -2, 0.5, 3};

    GaussianStatistics about = FeatureMoments.of(centre, vectors).statistics();

    assertThat(about.covariance().toArray())
        .containsExactly(moments(vectors).statistics().covariance().toArray(), within(1e-13));
    assertThat(about.mean()).containsExactly(moments(vectors).statistics().mean(), within(1e-14));
  }

  @Test
  void surviveSerialization() {
    assertThat(Serialization.roundTrip(moments(X))).isEqualTo(moments(X));
  }

  @Test
  void surviveAsBytes() {
    FeatureMoments about = FeatureMoments.of(new double[] {0.1, -2, 3, 1}, gaussian(20, 4));

    assertThat(FeatureMoments.ofBytes(about.toBytes())).isEqualTo(about);
    assertThat(about.toBytes())
        .startsWith('T', 'F', 'M', '1', 4, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0)
        .hasSize(16 + 8 * (4 + 4 + 10) + 4);
    assertThat(FeatureMoments.ofBytes(moments(X).toBytes())).isEqualTo(moments(X));
    assertThat(FeatureMoments.ofBytes(FeatureMoments.none(new double[3]).toBytes()).count())
        .isZero();
  }

  @Test
  void rejectBytesThatAreNoMoments() {
    byte[] good = moments(X).toBytes();

    assertRefused(new byte[0], "they do not begin with TFM1");
    assertRefused(with(good, 0, 'X'), "they do not begin with TFM1");
    assertRefused(Arrays.copyOf(good, good.length - 1), "there are 435 bytes (436 for 8 features)");
    assertRefused(with(good, 20, 1), "their checksum differs");
    assertRefused(checked(with(good, 15, 0x80)), "they are of -9223372036854775744 samples");
    byte[] nan = with(with(good, 30, 0xf8), 31, 0x7f);
    assertRefused(checked(nan), "a number is NaN (finite)");
  }

  /** A header alone allocates nothing. */
  @Test
  void rejectBytesThatSayTheyAreMore() {
    ByteBuffer header = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    header.put(moments(X).toBytes(), 0, 4);

    assertRefused(header.putInt(4, Integer.MAX_VALUE).array(), "they are of 2147483647 features");
    assertRefused(header.putInt(4, 0).array(), "they are of 0 features (1 to 4096)");
    assertRefused(
        header.putInt(4, 4096).array(), "there are 16 bytes (67190804 for 4096 features)");
  }

  private static void assertRefused(byte[] bytes, String found) {
    assertThatThrownBy(() -> FeatureMoments.ofBytes(bytes))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("Cannot read moments of features: " + found)
        .hasMessageEndingWith(". Compute them again.");
  }

  private static byte[] with(byte[] bytes, int at, int value) {
    byte[] changed = bytes.clone();
    changed[at] = (byte) value;
    return changed;
  }

  /** Returns the bytes with the checksum that belongs to them. */
  private static byte[] checked(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, bytes.length - 4);
    byte[] changed = bytes.clone();
    ByteBuffer.wrap(changed)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(bytes.length - 4, (int) crc.getValue());
    return changed;
  }

  @Test
  void sumOfAStreamOfPartsIsTheSumOfTheList() {
    List<FeatureMoments> parts = List.of(moments(X), moments(Y), moments(X.subList(0, 3)));

    assertThat(FeatureMoments.sum(parts::iterator)).isEqualTo(FeatureMoments.sum(parts));
    FeatureSet set = FeatureSet.of(X);
    assertThat(set.moments(new double[8])).isEqualTo(moments(X));
  }

  @Test
  void aSetOfFeaturesHasTheMomentsOfItsBlocksOfAThousand() {
    List<float[]> vectors = gaussian(2500, 3);
    MomentBlocks blocks = new MomentBlocks(new double[3], MomentBlocks.LENGTH);
    for (int i = 2499; i >= 0; i--) {
      blocks.add(i, vectors.get(i));
    }

    assertThat(FeatureSet.of(vectors).moments(new double[3])).isEqualTo(blocks.total());
  }

  @Test
  void refuseToMixCentres() {
    FeatureMoments about = FeatureMoments.none(new double[] {1});

    assertThatThrownBy(() -> about.plus(FeatureMoments.none(new double[] {2})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot combine moments about different centres");
    assertThatThrownBy(() -> about.minus(FeatureMoments.none(new double[2])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot combine moments about different centres");
    assertThatThrownBy(() -> moments(X.subList(0, 2)).minus(moments(X)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot take 64 vectors from 2");
  }

  @Test
  void needTwoSamplesForACovariance() {
    assertThatThrownBy(() -> moments(X.subList(0, 1)).statistics())
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot compute the covariance of the features of 1 samples (at least 2)");
    assertThatThrownBy(() -> new MomentBlocks(new double[8], 10).total().statistics())
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot compute the covariance of the features of 0 samples (at least 2)");
  }

  @Test
  void rejectFeaturesThatAreNoNumbers() {
    List<float[]> vectors = List.of(new float[2], new float[] {1, Float.NaN});
    MomentBlocks blocks = new MomentBlocks(new double[2], 10);

    assertThatThrownBy(() -> FeatureMoments.of(new double[2], vectors))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the features of sample 1: number 1 is NaN (finite). Check the pictures and"
                + " the weights of the feature network.");
    assertThatThrownBy(() -> blocks.add(12, new float[] {Float.NEGATIVE_INFINITY, 0}))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the features of sample 12: number 0 is -Infinity (finite). Check the"
                + " pictures and the weights of the feature network.");
    assertThat(blocks.blocks()).isEmpty();
  }

  @Test
  void rejectFeaturesOfAnotherNetwork() {
    MomentBlocks blocks = new MomentBlocks(new double[2], 10);

    assertThatThrownBy(() -> blocks.add(3, new float[64]))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the features of sample 3: there are 64 (2 are needed). Use features of one"
                + " network.");
  }

  @Test
  void rejectASampleThatComesTwice() {
    MomentBlocks blocks = new MomentBlocks(new double[1], 2);
    blocks.add(0, new float[1]);
    blocks.add(1, new float[1]);
    blocks.add(3, new float[1]);

    for (long sample : new long[] {0, 3}) {
      assertThatThrownBy(() -> blocks.add(sample, new float[1]))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot add the features of sample %d: they were added before (once)", sample);
    }
    assertThat(blocks.total().count()).isEqualTo(3);
  }

  private static List<float[]> gaussian(int count, int d) {
    Random random = new Random(11);
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] vector = new float[d];
      for (int k = 0; k < d; k++) {
        vector[k] = (float) (1 + random.nextGaussian());
      }
      vectors.add(vector);
    }
    return vectors;
  }
}
