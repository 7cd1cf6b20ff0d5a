package io.tandem.sample;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Filters and draws as the sampling kernel must, plainly: full sorts, float64, one token at a time.
 *
 * <p>V ids of the vocabulary. Top-k keeps every logit that is at least the k-th largest. Top-p
 * looks at the softmax of what top-k left, in descending order, and keeps an id if and only if less
 * than p of the probability comes before it; of equal logits the one with the larger id comes
 * first. Then the logits are divided by the temperature.
 *
 * @see <a href="https://github.com/czg1225/CoDe/blob/bfb204d/models/helpers.py">
 *     sample_with_top_k_top_p_</a>
 */
public final class ReferenceSampler {

  private final int topK;
  private final double topP;
  private final double temperature;

  public ReferenceSampler(int topK, double topP, double temperature) {
    this.topK = topK;
    this.topP = topP;
    this.temperature = temperature;
  }

  /** Returns which ids remain, [V]. */
  public boolean[] kept(float[] logits) {
    boolean[] kept = new boolean[logits.length];
    Arrays.fill(kept, true);
    if (topK > 0 && topK < logits.length) {
      float[] sorted = logits.clone();
      Arrays.sort(sorted);
      float smallest = sorted[sorted.length - topK];
      for (int id = 0; id < logits.length; id++) {
        kept[id] = logits[id] >= smallest;
      }
    }
    if (topP > 0 && topP < 1) {
      keepMass(logits, kept);
    }
    return kept;
  }

  private void keepMass(float[] logits, boolean[] kept) {
    double[] probabilities = softmax(logits, kept, 1);
    int[] descending =
        IntStream.range(0, logits.length)
            .filter(id -> kept[id])
            .boxed()
            .sorted(
                (a, b) ->
                    logits[a] == logits[b]
                        ? Integer.compare(b, a)
                        : Float.compare(logits[b], logits[a]))
            .mapToInt(Integer::intValue)
            .toArray();
    double before = 0;
    for (int id : descending) {
      kept[id] = before < topP;
      before += probabilities[id];
    }
  }

  /** Returns the probabilities that tokens are drawn with, [V]; 0 for what the filters drop. */
  public double[] probabilities(float[] logits) {
    return softmax(logits, kept(logits), temperature);
  }

  /**
   * Returns the drawn id: the kept one with the largest sum of tempered logit and noise, in
   * float32, the first one if two are equal.
   *
   * @param word the random word of the token
   */
  public int draw(float[] logits, int word) {
    boolean[] kept = kept(logits);
    int drawn = -1;
    float largest = Float.NEGATIVE_INFINITY;
    for (int id = 0; id < logits.length; id++) {
      float score = logits[id] / (float) temperature + GumbelNoise.of(word, id);
      if (kept[id] && score > largest) {
        largest = score;
        drawn = id;
      }
    }
    return drawn;
  }

  private static double[] softmax(float[] logits, boolean[] kept, double temperature) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int id = 0; id < logits.length; id++) {
      if (kept[id]) {
        largest = Math.max(largest, logits[id]);
      }
    }
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int id = 0; id < logits.length; id++) {
      weights[id] = kept[id] ? Math.exp((logits[id] - largest) / temperature) : 0;
      sum += weights[id];
    }
    for (int id = 0; id < logits.length; id++) {
      weights[id] /= sum;
    }
    return weights;
  }
}
