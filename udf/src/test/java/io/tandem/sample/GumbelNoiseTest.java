package io.tandem.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks of the hash behind the noise; words come from Philox, as in a run. */
class GumbelNoiseTest {

  private static final int COUNT = 1 << 16;
  private static final int[] WORDS = NoiseWords.words(2024, new long[] {0}, 0, COUNT);

  @Test
  void isFiniteAtBothEnds() {
    assertThat(GumbelNoise.hash(0, 0)).isZero();
    assertThat(GumbelNoise.of(0, 0)).isEqualTo((float) -Math.log(0x1p-33));
    // the id for which hash(0, id) is the largest word exists, since the hash is one-to-one
    int last = inverseOfLargest();
    assertThat(GumbelNoise.hash(last, 0)).isEqualTo(-1);
    assertThat(GumbelNoise.of(last, 0)).isBetween(-2.82f, -2.81f);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 63, 64, 4095})
  void isUniformOverWordsForEachId(int id) {
    // 255 degrees of freedom: chi-square is 255 +- 23; four standard deviations pass 99.99 %
    assertThat(chiSquare(i -> GumbelNoise.hash(WORDS[i], id), COUNT, 256)).isBetween(164.0, 350.0);
  }

  @Test
  void isUniformOverIdsForEachWord() {
    double sum = 0;
    int words = 256;
    for (int i = 0; i < words; i++) {
      int word = WORDS[i];
      double chiSquare = chiSquare(id -> GumbelNoise.hash(word, id), 4096, 64);
      // 63 degrees of freedom: 63 +- 11.2; the largest of 256 stays below 63 + 5.5 * 11.2
      assertThat(chiSquare).as("word %08x", word).isLessThan(125);
      sum += chiSquare;
    }
    // the mean of 256 has a standard deviation of 0.7
    assertThat(sum / words).isBetween(60.2, 65.8);
  }

  @Test
  void isUncorrelatedBetweenIdsOfOneWord() {
    double[] first = uniforms(i -> WORDS[i], 0);
    for (int id : new int[] {1, 2, 3, 16, 256, 2048, 4095}) {
      // the correlation of independent numbers is 0 +- 1 / sqrt(65,536) = 0.004
      assertThat(correlation(first, uniforms(i -> WORDS[i], id)))
          .as("ids 0 and %d", id)
          .isEqualTo(0, within(0.018));
    }
  }

  @Test
  void isUncorrelatedBetweenWordsThatDifferByOneBit() {
    double[] first = uniforms(i -> WORDS[i], 7);
    for (int bit = 0; bit < 32; bit++) {
      int flip = 1 << bit;
      assertThat(correlation(first, uniforms(i -> WORDS[i] ^ flip, 7)))
          .as("bit %d", bit)
          .isEqualTo(0, within(0.018));
    }
  }

  @Test
  void hasTheMeanAndVarianceOfGumbelNoise() {
    double[] noise =
        IntStream.range(0, COUNT).mapToDouble(i -> GumbelNoise.of(WORDS[i], i)).toArray();
    double mean = IntStream.range(0, COUNT).mapToDouble(i -> noise[i]).average().orElseThrow();
    double square = IntStream.range(0, COUNT).mapToDouble(i -> noise[i] * noise[i]).sum() / COUNT;

    // mean: Euler's constant +- 1.28 / 256; variance: pi^2 / 6 +- 2.7 / 256 (kurtosis 5.4)
    assertThat(mean).isEqualTo(0.5772, within(0.02));
    assertThat(square - mean * mean).isEqualTo(Math.PI * Math.PI / 6, within(0.05));
  }

  private static double chiSquare(IntUnaryOperator hash, int count, int buckets) {
    int[] counts = new int[buckets];
    int shift = 32 - Integer.numberOfTrailingZeros(buckets);
    for (int i = 0; i < count; i++) {
      counts[hash.applyAsInt(i) >>> shift]++;
    }
    double expected = (double) count / buckets;
    return IntStream.of(counts).mapToDouble(c -> (c - expected) * (c - expected) / expected).sum();
  }

  private static double[] uniforms(IntUnaryOperator word, int id) {
    return IntStream.range(0, COUNT)
        .mapToDouble(i -> GumbelNoise.uniform(word.applyAsInt(i), id))
        .toArray();
  }

  private static double correlation(double[] a, double[] b) {
    double covariance = 0;
    for (int i = 0; i < a.length; i++) {
      covariance += (a[i] - 0.5) * (b[i] - 0.5);
    }
    return covariance / a.length * 12;
  }

  /** Returns the word whose hash with id 0 is 2^32 - 1, by undoing each step. */
  private static int inverseOfLargest() {
    int x = -1;
    x ^= x >>> 16;
    x *= inverse(0xC2B2AE35);
    x ^= (x >>> 13) ^ (x >>> 26);
    x *= inverse(0x85EBCA6B);
    x ^= x >>> 16;
    return x;
  }

  /** Returns the inverse of an odd number modulo 2^32, by Newton's iteration. */
  private static int inverse(int odd) {
    int inverse = odd;
    for (int i = 0; i < 5; i++) {
      inverse *= 2 - odd * inverse;
    }
    return inverse;
  }
}
