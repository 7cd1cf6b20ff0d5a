package io.tandem.generate;

import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import io.tandem.vq.FeatureMap;
import java.util.ArrayList;
import java.util.List;

/**
 * How likely transformers find the tokens of given pictures, each token under the true ones before
 * it and without guidance.
 *
 * <p>Immutable and thread-safe. The caller keeps the models open while it is used. B images, L
 * tokens of an image, V vocabulary.
 */
public final class TokenLikelihood {

  private final ModelSet models;

  /** Makes a likelihood by {@code models}. */
  public TokenLikelihood(ModelSet models) {
    this.models = models;
  }

  /**
   * Returns the cross-entropy of {@code model} by scale, in nats, summed over images and tokens.
   *
   * @param model name of a transformer
   * @param labels class of each image
   * @param tokens token maps of all scales, B x l ids each, row-major
   * @throws io.tandem.base.UserError if the maps are not those of all scales, or an id is no code
   */
  public double[] crossEntropy(String model, int[] labels, List<long[]> tokens) {
    LatentSpace latent = models.latent();
    ScaleSchedule schedule = latent.schedule();
    TokenMaps.checkAll("compute a cross-entropy", tokens, labels.length, latent);
    float[] logits;
    try (NativeScope scope = NativeScope.open(models.device())) {
      List<Tensor> inputs = inputs(scope, labels.length, tokens);
      logits = models.transformer(model).teacherForcing(scope, labels, inputs).toFloats();
    }
    double[] sums = new double[schedule.scales()];
    for (int image = 0; image < labels.length; image++) {
      for (int scale = 0; scale < sums.length; scale++) {
        int length = schedule.tokens(scale);
        for (int token = 0; token < length; token++) {
          int row = image * schedule.totalTokens() + schedule.offset(scale) + token;
          int id = (int) tokens.get(scale)[image * length + token];
          sums[scale] -= logProbability(logits, row * latent.vocabulary(), latent, id);
        }
      }
    }
    return sums;
  }

  /** Returns what each scale but the first starts from, float32 [B, l, Z]. */
  private List<Tensor> inputs(NativeScope scope, int images, List<long[]> tokens) {
    ScaleSchedule schedule = models.latent().schedule();
    FeatureMap features = models.tokenizer().newFeatureMap(scope, images);
    List<Tensor> inputs = new ArrayList<>();
    for (int scale = 0; scale < schedule.scales() - 1; scale++) {
      try (Tensor map = scope.longs(tokens.get(scale), images, schedule.tokens(scale))) {
        features.accumulate(map, scale).ifPresent(inputs::add);
      }
    }
    return inputs;
  }

  private static double logProbability(float[] logits, int first, LatentSpace latent, int id) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = first; i < first + latent.vocabulary(); i++) {
      largest = Math.max(largest, logits[i]);
    }
    double sum = 0;
    for (int i = first; i < first + latent.vocabulary(); i++) {
      sum += Math.exp(logits[i] - largest);
    }
    return logits[first + id] - largest - Math.log(sum);
  }
}
