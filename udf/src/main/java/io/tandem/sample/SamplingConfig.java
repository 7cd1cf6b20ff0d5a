package io.tandem.sample;

import static io.tandem.base.Checks.check;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How tokens are drawn from the guided logits of each scale.
 *
 * <p>Top-k keeps the k largest logits and whatever equals the smallest of them; top-p then keeps
 * the likeliest tokens until their probability, among what top-k left, reaches p, at least one;
 * what remains is divided by the temperature. The lists have one value per scale, coarse to fine.
 *
 * @param topK how many logits to keep; 0 keeps all
 * @param topP probability to keep, from 0 to 1; 0 and 1 keep all
 * @param temperature divisor of the logits, above 0; 1 leaves them as they are
 * @param selection how a token is chosen among the kept ones; {@link Selection#GREEDY} needs no
 *     filter and ignores them
 * @see <a href="https://github.com/czg1225/CoDe/tree/bfb204d">sample_with_top_k_top_p_, which masks
 *     in this order</a>
 */
public record SamplingConfig(
    List<Integer> topK, List<Double> topP, List<Double> temperature, Selection selection)
    implements Serializable {

  public SamplingConfig {
    topK = List.copyOf(topK);
    topP = List.copyOf(topP);
    temperature = List.copyOf(temperature);
    check(
        topK.size() == topP.size() && topK.size() == temperature.size() && !topK.isEmpty(),
        "Cannot sample with %d values of top-k, %d of top-p and %d of temperature (each scale needs"
            + " one of each)",
        topK.size(),
        topP.size(),
        temperature.size());
    for (int scale = 0; scale < topK.size(); scale++) {
      checkScale(topK.get(scale), topP.get(scale), temperature.get(scale), scale + 1);
    }
  }

  private static void checkScale(int topK, double topP, double temperature, int number) {
    check(
        topK >= 0,
        "Cannot sample with top-k %d at scale %d: it is below 0 (0 keeps every token)",
        topK,
        number);
    check(
        topP >= 0 && topP <= 1,
        "Cannot sample with top-p %s at scale %d: it is not a probability (0 to 1; 0 and 1 keep"
            + " every token)",
        topP,
        number);
    check(
        temperature > 0 && temperature < Double.POSITIVE_INFINITY,
        "Cannot sample with temperature %s at scale %d: it is not a number above 0 (1 leaves the"
            + " logits as they are). Pass --greedy to take the most likely tokens.",
        temperature,
        number);
  }

  /** Returns the configuration that treats all {@code scales} scales alike. */
  public static SamplingConfig uniform(int topK, double topP, double temperature, int scales) {
    return new SamplingConfig(
        Collections.nCopies(scales, topK),
        Collections.nCopies(scales, topP),
        Collections.nCopies(scales, temperature),
        Selection.GUMBEL);
  }

  /** Returns the setting of plain VAR and of CoDe without fine-tuning: 900, 0.96, 1. */
  public static SamplingConfig plain(int scales) {
    return uniform(900, 0.96, 1, scales);
  }

  /**
   * Returns the setting of fine-tuned CoDe: 600, 0.96, and temperature 1.1 on scales 1 to 7 of 10.
   *
   * <p>The source has ten scales; elsewhere the first {@code 7 * scales / 10}, rounded down, take
   * 1.1, which is this project's choice. All others take 1.
   *
   * @see <a href="https://github.com/czg1225/CoDe/tree/bfb204d">CoDe, the sampler for FID</a>
   */
  public static SamplingConfig collaborativeFineTuned(int scales) {
    return new SamplingConfig(
        Collections.nCopies(scales, 600),
        Collections.nCopies(scales, 0.96),
        IntStream.range(0, scales).mapToObj(k -> k < 7 * scales / 10 ? 1.1 : 1.0).toList(),
        Selection.GUMBEL);
  }

  /** Returns the configuration that takes the most likely token everywhere. */
  public static SamplingConfig greedy(int scales) {
    return uniform(0, 0, 1, scales).with(Selection.GREEDY);
  }

  /** Returns this configuration with another selection. */
  public SamplingConfig with(Selection other) {
    return new SamplingConfig(topK, topP, temperature, other);
  }

  /** Returns the number of scales. */
  public int scales() {
    return topK.size();
  }

  /**
   * Passes if there are values for exactly {@code scales} scales.
   *
   * @throws io.tandem.base.UserError otherwise
   */
  public void checkScales(int scales) {
    check(
        scales() == scales,
        "Cannot sample an image of %d scales: the sampling settings are for %d (one value per"
            + " scale)",
        scales,
        scales());
  }
}
