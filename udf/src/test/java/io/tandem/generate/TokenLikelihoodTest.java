package io.tandem.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.kernel.NativeScope;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.plan.DecodePlan;
import io.tandem.testing.Decodes;
import io.tandem.testing.GoldenCase;
import io.tandem.testing.RecordingObserver;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TokenLikelihoodTest {

  private static final GoldenCase GOLDEN = GoldenCase.tiny();

  private static ModelSet models;

  @BeforeAll
  static void load() {
    models =
        GOLDEN.models(
            Map.of("drafter", GOLDEN.drafter(), "refiner", GOLDEN.refiner()), Precision.FP32);
  }

  @AfterAll
  static void unload() {
    models.close();
  }

  @Test
  void isTheCrossEntropyOfTheReference() {
    int[] labels =
        Arrays.stream(GOLDEN.expected().longs("teacher_forcing_labels"))
            .mapToInt(Math::toIntExact)
            .toArray();

    double[] sums =
        new TokenLikelihood(models).crossEntropy("drafter", labels, GOLDEN.tokens("vae_tokens_"));

    double tokens = labels.length * models.latent().schedule().totalTokens();
    assertThat(Arrays.stream(sums).sum() / tokens)
        .isCloseTo(GOLDEN.expected().floats("teacher_forcing_cross_entropy")[0], within(1e-4));
  }

  @Test
  void isThatOfTheDecodersOwnLogitsScaleByScale() {
    int scales = GOLDEN.scales();
    RecordingObserver seen =
        Decodes.watch(
            models,
            Decodes.greedy(DecodePlan.single("refiner", scales), 0),
            BatchRequest.of(1, GOLDEN.samples()));
    int[] labels = GOLDEN.samples().stream().mapToInt(Sample::label).toArray();
    long values = NativeScope.liveValues();

    double[] sums = new TokenLikelihood(models).crossEntropy("refiner", labels, seen.tokens);

    assertThat(NativeScope.liveValues()).isEqualTo(values);
    ScaleSchedule schedule = models.latent().schedule();
    assertThat(sums).hasSize(scales);
    for (int scale = 0; scale < scales; scale++) {
      double expected = 0;
      float[] logits = seen.logits.get(scale);
      int vocabulary = models.latent().vocabulary();
      for (int i = 0; i < labels.length * schedule.tokens(scale); i++) {
        double sum = 0;
        for (int id = 0; id < vocabulary; id++) {
          sum += Math.exp(logits[i * vocabulary + id]);
        }
        expected += Math.log(sum) - logits[i * vocabulary + (int) seen.tokens.get(scale)[i]];
      }
      // one pass over all scales against scale by scale, in float32
      assertThat(sums[scale]).as("scale %d", scale + 1).isCloseTo(expected, within(1e-3));
    }
  }

  @Test
  void rejectsTokensOfSomeScalesOnly() {
    List<long[]> first = GOLDEN.tokens("vae_tokens_").subList(0, 2);

    assertThatThrownBy(() -> new TokenLikelihood(models).crossEntropy("drafter", new int[3], first))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot compute a cross-entropy from token maps of 2 scales (all 4 are needed)");
  }
}
