package io.tandem.generate;

import static io.tandem.testing.FloatArrays.assertClose;
import static io.tandem.testing.FloatArrays.every;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.model.DeviceSpec;
import io.tandem.model.LatentSpace;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.plan.DecodePlan;
import io.tandem.testing.Decodes;
import io.tandem.testing.GoldenCase;
import io.tandem.testing.RecordingObserver;
import io.tandem.vq.FeatureMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What every golden case must satisfy; float32 agrees with the reference to a few units in 10^5.
 */
final class GoldenChecks {

  private static final double LOGITS = 5e-4;
  private static final double FEATURES = 5e-4;
  private static final double PIXELS = 1e-3;
  private static final int ALL = Integer.MAX_VALUE;

  private final GoldenCase golden;
  private final ScaleSchedule schedule;

  GoldenChecks(GoldenCase golden) {
    this.golden = golden;
    List<Integer> sides = new ArrayList<>();
    golden.description().get("patch_nums").forEach(side -> sides.add(side.asInt()));
    this.schedule = new ScaleSchedule(sides);
  }

  void plainVar() {
    Map<String, String> names = Map.of("drafter", "var_drafter_", "refiner", "var_refiner_");
    names.forEach(
        (model, prefix) -> {
          try (ModelSet models = models()) {
            int scales = golden.scales();
            RecordingObserver seen = watch(models, DecodePlan.single(model, scales));

            tokens(seen, prefix + "tokens_");
            assertClose("first logits", seen.logits.get(0), floats(prefix + "logits_0"), LOGITS);
            head(seen, models.latent(), scales - 1, prefix + "logits_last_head");
            float[] last = seen.logits.get(scales - 1);
            assertThat(meanAbs(last))
                .isCloseTo(
                    golden.expected().floats(prefix + "logits_last_mean_abs")[0], within(LOGITS));
            picture(seen, prefix + "image_sub");
          }
        });
  }

  void collaborative() {
    try (ModelSet models = models()) {
      RecordingObserver seen = watch(models, codePlan());

      tokens(seen, "code_tokens_");
      for (int scale = 0; scale < golden.scales(); scale++) {
        head(seen, models.latent(), scale, "code_logits_head_" + scale);
      }
      assertClose(
          "feature map at hand-over",
          seen.featureMaps.get(golden.draftScales() - 1),
          floats("code_fhat_after_draft"),
          FEATURES);
      assertClose("feature map", seen.featureMap(), floats("code_fhat"), FEATURES);
      picture(seen, "code_image_sub");
    }
  }

  void truncatedGuidance() {
    try (ModelSet models = models()) {
      RecordingObserver seen =
          Decodes.watch(
              models,
              Decodes.greedy(
                  codePlan(), Decodes.guidedFirst(3, golden.guidance(), golden.scales())),
              request());

      tokens(seen, "truncated_tokens_");
      assertClose("feature map", seen.featureMap(), floats("truncated_fhat"), FEATURES);
    }
  }

  void teacherForcing() {
    try (ModelSet models = models();
        NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
      List<long[]> ids = golden.tokens("vae_tokens_");
      int[] labels =
          Arrays.stream(golden.expected().longs("teacher_forcing_labels"))
              .mapToInt(label -> (int) label)
              .toArray();
      FeatureMap features = models.tokenizer().newFeatureMap(batch, labels.length);
      List<Tensor> inputs = new ArrayList<>();
      for (int scale = 0; scale < golden.scales(); scale++) {
        Tensor map = batch.longs(ids.get(scale), labels.length, schedule.tokens(scale));
        features.accumulate(map, scale).ifPresent(inputs::add);
      }

      float[] logits =
          models.transformer("drafter").teacherForcing(batch, labels, inputs).toFloats();

      int vocabulary = models.latent().vocabulary();
      int[] shape = {labels.length, schedule.totalTokens(), vocabulary};
      assertClose(
          "teacher-forcing logits",
          every(logits, shape, new int[] {1, 5, 9}, new int[] {ALL, ALL, ALL}),
          floats("teacher_forcing_logits_sub"),
          LOGITS);
      assertThat(crossEntropy(logits, ids, labels.length, vocabulary))
          .isCloseTo(golden.expected().floats("teacher_forcing_cross_entropy")[0], within(1e-4));
    }
  }

  /** The same weights under two names, for every split, and swapped at one scale and back. */
  void splitsOfOneModelChangeNothing() {
    int scales = golden.scales();
    try (ModelSet models =
        golden.models(Map.of("a", golden.drafter(), "b", golden.drafter()), Precision.FP32)) {
      RecordingObserver plain = watch(models, DecodePlan.single("a", scales));
      for (int n = 1; n < scales; n++) {
        RecordingObserver split = watch(models, DecodePlan.collaborative("a", "b", n, scales));
        assertSame("split after " + n, split, plain);
      }
      for (int k = 2; k < scales; k++) {
        String swap = "a:1-%d,b:%d,a:%d-%d".formatted(k - 1, k, k + 1, scales);
        DecodePlan plan = DecodePlan.parse(swap, List.of("a", "b"), scales);
        assertSame(swap, watch(models, plan), plain);
      }
    }
  }

  private void assertSame(String what, RecordingObserver actual, RecordingObserver expected) {
    for (int scale = 0; scale < golden.scales(); scale++) {
      assertThat(actual.tokens.get(scale))
          .as("%s, scale %d", what, scale + 1)
          .isEqualTo(expected.tokens.get(scale));
      // one prefill of several scales against scale by scale
      assertClose(what, actual.logits.get(scale), expected.logits.get(scale), 1e-4);
    }
  }

  DecodePlan codePlan() {
    return DecodePlan.collaborative("drafter", "refiner", golden.draftScales(), golden.scales());
  }

  RecordingObserver watch(ModelSet models, DecodePlan plan) {
    return Decodes.watch(models, Decodes.greedy(plan, golden.guidance()), request());
  }

  RecordingObserver watch(ModelSet models, DecodePlan plan, List<long[]> givenTokens) {
    return Decodes.watch(
        models,
        Decodes.greedy(plan, golden.guidance()),
        new BatchRequest(0, golden.samples(), givenTokens));
  }

  ModelSet models() {
    return models(Precision.FP32);
  }

  ModelSet models(Precision precision) {
    return golden.models(
        Map.of("drafter", golden.drafter(), "refiner", golden.refiner()), precision);
  }

  private BatchRequest request() {
    return BatchRequest.of(0, golden.samples());
  }

  private void tokens(RecordingObserver seen, String prefix) {
    for (int scale = 0; scale < golden.scales(); scale++) {
      assertThat(seen.tokens.get(scale))
          .as("%s%d", prefix, scale)
          .isEqualTo(golden.expected().longs(prefix + scale));
    }
  }

  private void head(RecordingObserver seen, LatentSpace latent, int scale, String name) {
    int[] shape = {golden.samples().size(), schedule.tokens(scale), latent.vocabulary()};
    float[] corner =
        every(seen.logits.get(scale), shape, new int[] {1, 1, 1}, new int[] {ALL, 4, 64});
    assertClose(name, corner, floats(name), LOGITS);
  }

  private void picture(RecordingObserver seen, String name) {
    int images = golden.samples().size();
    int side = (int) Math.round(Math.sqrt(seen.images.length / (3.0 * images)));
    float[] sparse =
        every(
            seen.images,
            new int[] {images, 3, side, side},
            new int[] {1, 1, 4, 4},
            new int[] {ALL, ALL, ALL, ALL});
    assertClose(name, sparse, floats(name), PIXELS);
  }

  private float[] floats(String name) {
    return golden.expected().floats(name);
  }

  private double crossEntropy(float[] logits, List<long[]> ids, int images, int vocabulary) {
    double sum = 0;
    int row = 0;
    for (int image = 0; image < images; image++) {
      for (int scale = 0; scale < schedule.scales(); scale++) {
        for (int i = 0; i < schedule.tokens(scale); i++) {
          int id = (int) ids.get(scale)[image * schedule.tokens(scale) + i];
          double exponentials = 0;
          for (int v = 0; v < vocabulary; v++) {
            exponentials += Math.exp(logits[row * vocabulary + v]);
          }
          sum += Math.log(exponentials) - logits[row * vocabulary + id];
          row++;
        }
      }
    }
    return sum / row;
  }

  private static double meanAbs(float[] numbers) {
    double sum = 0;
    for (float number : numbers) {
      sum += Math.abs(number);
    }
    return sum / numbers.length;
  }
}
