package io.tandem.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.kernel.LibTorch;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.SamplerKernel;
import io.tandem.kernel.SamplerKernel.Filters;
import io.tandem.kernel.Tensor;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.sample.NoiseWords;
import io.tandem.sample.SamplingConfig;
import io.tandem.transformer.Rows;
import io.tandem.transformer.TransformerState;
import io.tandem.vq.FeatureMap;
import io.tandem.weights.RandomVarWeights;
import io.tandem.weights.RandomVqWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A sample's tokens depend on seed, index and label alone: batches of other sizes draw the same
 * ones from the same prefix, but where rounding tips a draw.
 */
class BatchIndependenceIT {

  private static final int SAMPLES = 200;
  private static final long SEED = (1L << 40) + 7;
  private static final ScaleSchedule SCHEDULE = ScaleSchedule.PIXELS_256;
  private static final int SCALES = SCHEDULE.scales();

  private static ModelSet models;

  @BeforeAll
  static void load() {
    models =
        ModelSet.load(
            Map.of("model", RandomVarWeights.of(VarConfig.ofDepth(4), 1)),
            RandomVqWeights.of(VqConfig.RELEASED, 1),
            Precision.FP32,
            DeviceSpec.CPU);
  }

  @AfterAll
  static void unload() {
    LibTorch.useThreads(Runtime.getRuntime().availableProcessors());
    models.close();
  }

  @ParameterizedTest(name = "filtered: {0}")
  @ValueSource(booleans = {true, false})
  void batchesOfAnySizeDrawTheTokensOfABatchOfOne(boolean filtered) {
    SamplingConfig sampling =
        filtered
            ? SamplingConfig.collaborativeFineTuned(SCALES)
            : SamplingConfig.uniform(0, 1, 1, SCALES);
    long[][][] alone = draw(sampling, 1, null);

    for (int size : new int[] {2, 5, 8}) {
      long[][][] together = draw(sampling, size, alone);

      long same = 0;
      long all = 0;
      for (int sample = 0; sample < SAMPLES; sample++) {
        for (int scale = 0; scale < SCALES; scale++) {
          for (int i = 0; i < SCHEDULE.tokens(scale); i++) {
            same += together[sample][scale][i] == alone[sample][scale][i] ? 1 : 0;
            all++;
          }
        }
      }
      System.out.printf(
          "filtered %s, batches of %d: %d of %d ids agree%n", filtered, size, same, all);
      assertThat((double) same / all).as("batches of %d", size).isGreaterThanOrEqualTo(0.999);
    }
  }

  @ParameterizedTest(name = "filtered: {0}")
  @ValueSource(booleans = {true, false})
  void equalBatchesGiveEqualBits(boolean filtered) {
    SamplingConfig sampling =
        filtered
            ? SamplingConfig.collaborativeFineTuned(SCALES)
            : SamplingConfig.uniform(0, 1, 1, SCALES);
    long[][] first = batch(sampling, 0, 5, null);

    assertThat(batch(sampling, 0, 5, null)).isDeepEqualTo(first);
  }

  /** Returns ids by sample and scale; each scale follows the ids of {@code forced}, if given. */
  private static long[][][] draw(SamplingConfig sampling, int size, long[][][] forced) {
    long[][][] ids = new long[SAMPLES][][];
    IntStream.range(0, SAMPLES / size)
        .parallel()
        .map(batch -> batch * size)
        .forEach(first -> split(batch(sampling, first, size, forced), first, size, ids));
    return ids;
  }

  private static void split(long[][] drawn, int first, int size, long[][][] ids) {
    for (int image = 0; image < size; image++) {
      ids[first + image] = new long[SCALES][];
      for (int scale = 0; scale < SCALES; scale++) {
        int tokens = SCHEDULE.tokens(scale);
        ids[first + image][scale] =
            Arrays.copyOfRange(drawn[scale], image * tokens, (image + 1) * tokens);
      }
    }
  }

  /** Returns ids by scale, row-major over the images of the batch. */
  private static long[][] batch(SamplingConfig sampling, int first, int size, long[][][] forced) {
    long[][] drawn = new long[SCALES][];
    int[] labels = new int[size];
    long[] indexes = new long[size];
    for (int image = 0; image < size; image++) {
      indexes[image] = first + image;
      labels[image] = (first + image) * 37 % 1000;
    }
    LibTorch.useThreads(1); // batches run side by side; bits do not depend on it
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      TransformerState state =
          models.transformer("model").begin(scope, labels, SCALES - 1, Rows.GUIDED);
      FeatureMap features = models.tokenizer().newFeatureMap(scope, size);
      List<Tensor> inputs = new ArrayList<>();
      for (int scale = 0; scale < SCALES; scale++) {
        int tokens = SCHEDULE.tokens(scale);
        Filters filters =
            new Filters(
                sampling.topK().get(scale),
                sampling.topP().get(scale),
                sampling.temperature().get(scale));
        int[] words = NoiseWords.words(SEED, indexes, scale, tokens);
        state.prefill(scale, inputs, Rows.GUIDED);
        try (Tensor logits = state.step(scale, inputs, 1.5 * scale / (SCALES - 1));
            Tensor noise = scope.ints(words, size, tokens);
            Tensor ids = SamplerKernel.sample(scope, logits, noise, filters)) {
          drawn[scale] = ids.toLongs();
        }
        long[] next = forced == null ? drawn[scale] : joined(forced, first, size, scale);
        features.accumulate(scope.longs(next, size, tokens), scale).ifPresent(inputs::add);
      }
    }
    return drawn;
  }

  private static long[] joined(long[][][] forced, int first, int size, int scale) {
    int tokens = SCHEDULE.tokens(scale);
    long[] joined = new long[size * tokens];
    for (int image = 0; image < size; image++) {
      System.arraycopy(forced[first + image][scale], 0, joined, image * tokens, tokens);
    }
    return joined;
  }
}
