package io.tandem.generate;

import static io.tandem.base.Checks.check;

import io.tandem.image.RgbImage;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.SamplerKernel;
import io.tandem.kernel.SamplerKernel.Filters;
import io.tandem.kernel.Tensor;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.metrics.ScaleStep;
import io.tandem.metrics.Stage;
import io.tandem.model.ScaleSchedule;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.sample.NoiseWords;
import io.tandem.sample.SamplingConfig;
import io.tandem.sample.Selection;
import io.tandem.transformer.Rows;
import io.tandem.transformer.TransformerState;
import io.tandem.vq.FeatureMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Decodes batches of images, scale by scale, each scale by the model that the plan names.
 *
 * <p>Plain VAR, collaborative decoding (arXiv 2411.17787, section 3.2) and every other plan are the
 * one loop in {@link Batch#decode}. A model that did not decode the scales before its turn catches
 * up on them in one pass; only token ids cross between models.
 *
 * <p>Immutable and thread-safe: what a batch changes lives in the batch.
 */
public final class ImageGenerator {

  private final ModelSet models;
  private final DecodeConfig config;

  /**
   * Makes a generator; the caller keeps {@code models} open while it is used.
   *
   * @throws io.tandem.base.UserError if the plan is not for the scales or the names of the models
   */
  public ImageGenerator(ModelSet models, DecodeConfig config) {
    int scales = models.latent().schedule().scales();
    check(
        config.plan().scales() == scales,
        "Cannot decode images of %d scales with the plan '%s', which has %d",
        scales,
        config.plan(),
        config.plan().scales());
    config.plan().models().forEach(models::transformer);
    this.models = models;
    this.config = config;
  }

  /**
   * Returns the tokens and images of a batch.
   *
   * @param latency collects the time of each stage; made for this batch
   * @throws io.tandem.base.UserError if a label is no class of the models or a given token no code
   * @throws NonFiniteLogitsException if a model gives logits that are not finite numbers
   */
  public GeneratedBatch generate(
      BatchRequest request, LatencyRecorder latency, DecodeObserver observer) {
    request.check(models.latent(), models.classes());
    try (NativeScope scope = NativeScope.open(models.device())) {
      return new Batch(request, latency, observer, scope).decode();
    }
  }

  /** One batch while it is decoded. */
  private final class Batch {

    private final DecodePlan plan = config.plan();
    private final GuidanceSchedule guidance = config.guidance();
    private final ScaleSchedule schedule = models.latent().schedule();
    private final BatchRequest request;
    private final LatencyRecorder latency;
    private final DecodeObserver observer;
    private final NativeScope scope;
    private final FeatureMap features;
    private final Map<String, TransformerState> states = new HashMap<>();
    private final List<long[]> tokens = new ArrayList<>();

    /** What each scale but the first starts from, float32 [B, l, Z]. */
    private final List<Tensor> inputs = new ArrayList<>();

    private Batch(
        BatchRequest request, LatencyRecorder latency, DecodeObserver observer, NativeScope scope) {
      this.request = request;
      this.latency = latency;
      this.observer = observer;
      this.scope = scope;
      this.features = models.tokenizer().newFeatureMap(scope, request.images());
    }

    private GeneratedBatch decode() {
      for (int scale = 0; scale < plan.scales(); scale++) {
        if (scale < request.givenTokens().size()) {
          accumulate(scale, request.givenTokens().get(scale));
        } else {
          TransformerState state = caughtUp(scale);
          try (Tensor logits = logits(scale, state)) {
            sample(scale, logits);
          }
          leave(scale, state);
        }
      }
      return pixels();
    }

    /** Returns the model of {@code scale}, which has seen all scales before it. */
    private TransformerState caughtUp(int scale) {
      String model = plan.modelAt(scale);
      TransformerState known = states.get(model);
      int prefillTokens = known == null ? schedule.offset(scale) : known.missed(scale, rows(scale));
      latency.beginScale(new ScaleStep(scale, schedule.side(scale), model, prefillTokens));
      TransformerState state =
          latency.time(Stage.DECODE, () -> states.computeIfAbsent(model, this::begin));
      latency.time(Stage.PREFILL, () -> state.prefill(scale, inputs, rows(scale)));
      return state;
    }

    private TransformerState begin(String model) {
      int lastScale = plan.lastScale(model);
      boolean guided =
          IntStream.rangeClosed(plan.firstScale(model), lastScale)
              .anyMatch(scale -> plan.decodes(model, scale) && guidance.needsUnconditional(scale));
      Rows widest = guided ? Rows.GUIDED : Rows.LABEL_ONLY;
      return models.transformer(model).begin(scope, request.labels(), lastScale, widest);
    }

    private Tensor logits(int scale, TransformerState state) {
      Tensor logits =
          latency.time(Stage.DECODE, () -> state.step(scale, inputs, guidance.strength(scale)));
      latency.cacheBytes(states.values().stream().mapToLong(TransformerState::cacheBytes).sum());
      observer.stepped(plan.modelAt(scale), scale, state.cacheBytes());
      return logits;
    }

    private void sample(int scale, Tensor logits) {
      long[] drawn = latency.time(Stage.SAMPLE, () -> draw(scale, logits));
      for (int i = 0; i < drawn.length; i++) {
        if (drawn[i] < 0) {
          long index = request.samples().get(i / schedule.tokens(scale)).index();
          throw new NonFiniteLogitsException(plan.modelAt(scale), index, scale);
        }
      }
      observer.drawn(scale, logits, drawn);
      latency.time(Stage.SAMPLE, () -> accumulate(scale, drawn));
    }

    private long[] draw(int scale, Tensor logits) {
      SamplingConfig sampling = config.sampling();
      if (sampling.selection() == Selection.GREEDY) {
        try (Tensor drawn = SamplerKernel.greedy(scope, logits)) {
          return drawn.toLongs();
        }
      }
      int length = schedule.tokens(scale);
      int[] words = NoiseWords.words(request.seed(), request.indexes(), scale, length);
      double topP = sampling.topP().get(scale);
      Filters filters =
          new Filters(
              sampling.topK().get(scale), topP == 0 ? 1 : topP, sampling.temperature().get(scale));
      try (Tensor noise = scope.ints(words, request.images(), length);
          Tensor drawn = SamplerKernel.sample(scope, logits, noise, filters)) {
        return drawn.toLongs();
      }
    }

    /** Adds a token map to the running feature map and keeps what the next scale starts from. */
    private Void accumulate(int scale, long[] ids) {
      tokens.add(ids);
      try (Tensor map = scope.longs(ids, request.images(), schedule.tokens(scale))) {
        features.accumulate(map, scale).ifPresent(inputs::add);
      }
      observer.accumulated(scale, features.value());
      return null;
    }

    /** Frees what nobody reads again: a model's cache after its last scale. */
    private void leave(int scale, TransformerState state) {
      String model = plan.modelAt(scale);
      if (scale == plan.lastScale(model)) {
        states.remove(model);
        state.close();
      }
    }

    private GeneratedBatch pixels() {
      List<RgbImage> images =
          latency.time(
              Stage.VAE,
              () -> {
                Tensor decoded = models.tokenizer().decode(scope, features.value());
                observer.decoded(decoded);
                return models.tokenizer().pixels(decoded, config.rounding());
              });
      return new GeneratedBatch(tokens, images);
    }

    private Rows rows(int scale) {
      return guidance.needsUnconditional(scale) ? Rows.GUIDED : Rows.LABEL_ONLY;
    }
  }
}
