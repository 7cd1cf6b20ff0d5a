package io.tandem.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.testing.NpzFile;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceSamplerTest {

  private static final NpzFile GOLDEN = NpzFile.resource("/io/tandem/golden/tiny/expected.npz");
  private static final int VOCABULARY = 128;

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "filter_probs_k0_p0.0_t1.0, 0, 0, 1",
    "filter_probs_k30_p0.0_t1.0, 30, 0, 1",
    "filter_probs_k0_p0.9_t1.0, 0, 0.9, 1",
    "filter_probs_k40_p0.95_t1.1, 40, 0.95, 1.1",
    "filter_probs_k100_p0.5_t0.7, 100, 0.5, 0.7"
  })
  void filtersAsTheReferenceDoes(String name, int topK, double topP, double temperature) {
    float[] expected = GOLDEN.floats(name);
    ReferenceSampler sampler = new ReferenceSampler(topK, topP, temperature);

    for (int row = 0; row < expected.length / VOCABULARY; row++) {
      double[] actual = sampler.probabilities(logits(row));

      for (int id = 0; id < VOCABULARY; id++) {
        float probability = expected[row * VOCABULARY + id];
        // the golden numbers are float32, whose softmax is good to a few units in 10^7
        assertThat(actual[id]).isEqualTo(probability, within(1e-6));
        assertThat(actual[id] > 0).as("row %d keeps id %d", row, id).isEqualTo(probability > 0);
      }
    }
  }

  @ParameterizedTest(name = "top-p {0} keeps {1}")
  @CsvSource({"0.2, 1", "0.8, 2", "0.9, 3", "0.95, 3", "0.96, 4", "1, 4", "0, 4", "1e-9, 1"})
  void keepsTheSmallestTopSetWhoseMassReachesP(double topP, int count) {
    float[] logits = logarithms(0.15, 0.5, 0.05, 0.3);

    boolean[] kept = new ReferenceSampler(0, topP, 1).kept(logits);

    assertThat(kept).containsExactly(count >= 3, count >= 1, count >= 4, count >= 2);
  }

  @Test
  void keepsTiesAtTheEdgeOfTopK() {
    float[] logits = {1, 3, 2, 2, 2, 0};

    assertThat(new ReferenceSampler(2, 0, 1).kept(logits))
        .containsExactly(false, true, true, true, true, false);
    assertThat(new ReferenceSampler(6, 0, 1).kept(logits)).doesNotContain(false);
    assertThat(new ReferenceSampler(600, 0, 1).kept(logits)).doesNotContain(false);
  }

  @Test
  void keepsAsManyEqualLogitsAtTheEdgeOfTopPAsTheMassNeeds() {
    float[] logits = logarithms(0.25, 0.5, 0.25);

    assertThat(new ReferenceSampler(0, 0.6, 1).kept(logits)).containsExactly(false, true, true);
    assertThat(new ReferenceSampler(0, 0.4, 1).kept(logits)).containsExactly(false, true, false);
    assertThat(new ReferenceSampler(0, 0.8, 1).kept(logits)).containsExactly(true, true, true);
  }

  @Test
  void appliesTopPToWhatTopKLeft() {
    float[] logits = logarithms(0.4, 0.25, 0.15, 0.1, 0.1);

    // of the first three, 0.8 in all, the first has half the probability
    assertThat(new ReferenceSampler(3, 0.49, 1).kept(logits))
        .containsExactly(true, false, false, false, false);
    assertThat(new ReferenceSampler(0, 0.49, 1).kept(logits))
        .containsExactly(true, true, false, false, false);
  }

  @Test
  void temperatureChangesProbabilitiesButNotTheKeptSet() {
    float[] logits = logits(0);

    assertThat(new ReferenceSampler(40, 0.9, 0.1).kept(logits))
        .isEqualTo(new ReferenceSampler(40, 0.9, 10).kept(logits));
    assertThat(max(new ReferenceSampler(40, 0.9, 0.1).probabilities(logits)))
        .isGreaterThan(max(new ReferenceSampler(40, 0.9, 10).probabilities(logits)));
  }

  @Test
  void drawsKeptIdsOnlyAndAboutAsOftenAsTheyAreLikely() {
    float[] logits = logits(1);
    ReferenceSampler sampler = new ReferenceSampler(20, 0.9, 1.1);
    double[] probabilities = sampler.probabilities(logits);
    int draws = 4000;

    int[] counts = new int[VOCABULARY];
    for (int word : NoiseWords.words(5, new long[] {1L << 40}, 9, draws)) {
      counts[sampler.draw(logits, word)]++;
    }

    for (int id = 0; id < VOCABULARY; id++) {
      double p = probabilities[id];
      // five standard deviations of a binomial count, which none of 128 should leave
      assertThat((double) counts[id])
          .isEqualTo(draws * p, within(5 * Math.sqrt(draws * p * (1 - p))));
    }
  }

  private static float[] logits(int row) {
    return Arrays.copyOfRange(
        GOLDEN.floats("filter_logits"), row * VOCABULARY, (row + 1) * VOCABULARY);
  }

  private static float[] logarithms(double... probabilities) {
    float[] logits = new float[probabilities.length];
    IntStream.range(0, logits.length).forEach(i -> logits[i] = (float) Math.log(probabilities[i]));
    return logits;
  }

  private static double max(double[] values) {
    return Arrays.stream(values).max().orElseThrow();
  }
}
