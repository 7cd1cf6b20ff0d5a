package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.kernel.SamplerKernel.Filters;
import io.tandem.model.DeviceSpec;
import io.tandem.sample.NoiseWords;
import io.tandem.sample.ReferenceSampler;
import io.tandem.testing.NpzFile;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplerKernelTest {

  private static final NpzFile GOLDEN = NpzFile.resource("/io/tandem/golden/tiny/expected.npz");
  private static final Filters ALL = new Filters(0, 1, 1);

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "filter_probs_k0_p0.0_t1.0, 0, 1, 1",
    "filter_probs_k30_p0.0_t1.0, 30, 1, 1",
    "filter_probs_k0_p0.9_t1.0, 0, 0.9, 1",
    "filter_probs_k40_p0.95_t1.1, 40, 0.95, 1.1",
    "filter_probs_k100_p0.5_t0.7, 100, 0.5, 0.7"
  })
  void filtersAsTheReferenceDoes(String name, int topK, double topP, double temperature) {
    float[] expected = GOLDEN.floats(name);

    float[] actual =
        probabilities(GOLDEN.floats("filter_logits"), 128, new Filters(topK, topP, temperature));

    // both sides are float32 softmaxes, good to a few units in 10^7
    assertThat(actual).containsExactly(expected, within(1e-6f));
    assertThat(IntStream.range(0, actual.length).filter(i -> (actual[i] > 0) != (expected[i] > 0)))
        .isEmpty();
  }

  @Test
  void keepsTiesAtTheEdgeOfTopK() {
    float[] logits = {1, 3, 2, 2, 2, 0};

    float[] probabilities = probabilities(logits, 6, new Filters(2, 1, 1));

    assertThat(kept(probabilities)).containsExactly(1, 2, 3, 4);
  }

  @Test
  void keepsAsManyEqualLogitsAsTheMassNeeds() {
    float[] probabilities = probabilities(new float[8], 8, new Filters(0, 0.5, 1));

    assertThat(kept(probabilities)).hasSize(4);
  }

  @Test
  void keepsTheLargestLogitHoweverSmallTopPIs() {
    float[] probabilities = probabilities(new float[] {1, 3, 2}, 3, new Filters(0, 1e-9, 1));

    assertThat(probabilities).containsExactly(0, 1, 0);
  }

  @Test
  void findsTheMassInLargeFlatVocabularies() {
    float[] logits = normal(4096, 0.01f, 5);

    float[] probabilities = probabilities(logits, 4096, new Filters(0, 0.96, 1));

    boolean[] expected = new ReferenceSampler(0, 0.96, 1).kept(logits);
    assertThat(kept(probabilities))
        .containsExactly(IntStream.range(0, 4096).filter(id -> expected[id]).toArray());
  }

  @ParameterizedTest(name = "top-k {0}, top-p {1}, temperature {2}")
  @CsvSource({"0, 1, 1", "600, 0.96, 1.1", "900, 0.96, 1", "0, 0.9, 1", "1, 1, 1", "5, 1, 0.5"})
  void drawsWhatThePlainSamplerDraws(int topK, double topP, double temperature) {
    int vocabulary = 4096;
    int tokens = 36;
    float[] logits = normal(2 * tokens * vocabulary, 2, 11);
    int[] words = NoiseWords.words(77, new long[] {3, 1L << 40}, 5, tokens);
    ReferenceSampler plain = new ReferenceSampler(topK, topP, temperature);

    long[] drawn = sample(logits, words, vocabulary, new Filters(topK, topP, temperature));

    // noise differs in the last bit, which could swap two equal scores; none is that close here
    for (int row = 0; row < drawn.length; row++) {
      float[] one = row(logits, row, vocabulary);
      assertThat(drawn[row]).as("row %d", row).isEqualTo(plain.draw(one, words[row]));
    }
  }

  @ParameterizedTest(name = "top-k {0}, top-p {1}, temperature {2}")
  @CsvSource({"0, 1, 1", "40, 0.95, 1.1", "12, 1, 0.7"})
  void drawsEachTokenWithItsProbability(int topK, double topP, double temperature) {
    int draws = 200_000;
    float[] logits = normal(64, 1.5f, 3);
    Filters filters = new Filters(topK, topP, temperature);
    double[] probabilities = new ReferenceSampler(topK, topP, temperature).probabilities(logits);
    int[] counts = new int[64];

    int chunk = 10_000;
    for (int first = 0; first < draws; first += chunk) {
      long[] samples = LongStream.range(first, first + chunk).toArray();
      int[] words = NoiseWords.words(20261120, samples, 0, 1);
      for (long id : sample(repeated(logits, chunk), words, 64, filters)) {
        counts[(int) id]++;
      }
    }

    double chiSquare = 0;
    int cells = 0;
    for (int id = 0; id < 64; id++) {
      if (probabilities[id] == 0) {
        assertThat(counts[id]).as("draws of a filtered id %d", id).isZero();
      } else {
        double expected = draws * probabilities[id];
        chiSquare += (counts[id] - expected) * (counts[id] - expected) / expected;
        cells++;
      }
    }
    // mean f, deviation sqrt(2 f): 4 deviations are passed by chance in less than 1 of 1,000 cases
    int freedom = cells - 1;
    assertThat(chiSquare).isLessThan(freedom + 4 * Math.sqrt(2.0 * freedom));
  }

  @Test
  void marksTokensWhoseLogitsAreNotFinite() {
    float[] logits = {1, 2, Float.NaN, 4, 1, 2, 3, 4, 1, Float.POSITIVE_INFINITY, 3, 4};
    int[] words = {1, 2, 3};

    assertThat(sample(logits, words, 4, ALL)[0]).isEqualTo(-1);
    assertThat(sample(logits, words, 4, new Filters(2, 0.9, 1))[0]).isEqualTo(-1);
    assertThat(sample(logits, words, 4, new Filters(2, 0.9, 1))[1]).isBetween(2L, 3L);
    assertThat(sample(logits, words, 4, new Filters(0, 0.9, 1))[2]).isEqualTo(-1);
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      assertThat(SamplerKernel.greedy(scope, scope.floats(logits, 1, 3, 4)).toLongs())
          .containsExactly(-1, 3, -1);
    }
  }

  private static float[] probabilities(float[] logits, int vocabulary, Filters filters) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      Tensor tensor = scope.floats(logits, logits.length / vocabulary, vocabulary);
      return SamplerKernel.filteredProbabilities(scope, tensor, filters).toFloats();
    }
  }

  private static long[] sample(float[] logits, int[] words, int vocabulary, Filters filters) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      Tensor tensor = scope.floats(logits, 1, words.length, vocabulary);
      Tensor noise = scope.ints(words, 1, words.length);
      return SamplerKernel.sample(scope, tensor, noise, filters).toLongs();
    }
  }

  private static int[] kept(float[] probabilities) {
    return IntStream.range(0, probabilities.length).filter(id -> probabilities[id] > 0).toArray();
  }

  private static float[] normal(int count, float deviation, long seed) {
    Random random = new Random(seed);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian() * deviation;
    }
    return numbers;
  }

  private static float[] row(float[] logits, int row, int vocabulary) {
    return java.util.Arrays.copyOfRange(logits, row * vocabulary, (row + 1) * vocabulary);
  }

  private static float[] repeated(float[] row, int times) {
    float[] all = new float[row.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(row, 0, all, i * row.length, row.length);
    }
    return all;
  }
}
