package io.tandem.kernel;

import static io.tandem.testing.FloatArrays.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.kernel.TransformerTrainingKernel.FrozenQuantizer;
import io.tandem.kernel.TransformerTrainingKernel.Lesson;
import io.tandem.model.AdaLn;
import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.testing.GoldenCase;
import io.tandem.testing.SingleThread;
import io.tandem.testing.TinyModels;
import io.tandem.train.TrainingWeights;
import io.tandem.transformer.VarTransformer;
import io.tandem.vq.FeatureMap;
import io.tandem.vq.Tokenizer;
import io.tandem.weights.RandomVarWeights;
import io.tandem.weights.RandomVqWeights;
import io.tandem.weights.WeightNames;
import io.tandem.weights.WeightSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is trained is what decodes: the same logits for the same tokens. */
@ExtendWith(SingleThread.class)
class TrainingLogitsTest {

  /** Float32 is off by up to 7e-5, and the decoder adds in another order. */
  private static final double LOGITS = 2e-4;

  @ParameterizedTest
  @EnumSource
  void areThoseOfTheDecoder(AdaLn adaLn) {
    try (WeightSource transformer = RandomVarWeights.of(TinyModels.transformer(2, adaLn), 1);
        WeightSource tokeniser = RandomVqWeights.of(TinyModels.TOKENISER, 1)) {
      assertSameLogits(
          transformer,
          tokeniser,
          TinyModels.SCHEDULE,
          lesson(TinyModels.tokens(3, 5), new long[] {0, 9, 10}, 4));
    }
  }

  @Test
  void ofTheReferencesModelAreThoseOfTheDecoder() {
    GoldenCase golden = GoldenCase.tiny();
    try (WeightSource drafter = golden.drafter();
        WeightSource tokeniser = golden.tokenizer()) {
      assertSameLogits(drafter, tokeniser, schedule(golden), lesson(golden));
    }
  }

  private static void assertSameLogits(
      WeightSource transformer, WeightSource tokeniser, ScaleSchedule schedule, Lesson lesson) {
    FrozenQuantizer quantizer =
        TrainingWeights.quantizer(tokeniser, schedule, 4, NumberFormat.FLOAT32, DeviceSpec.CPU);
    try (TrainingTensors weights = load(transformer, NumberFormat.FLOAT32);
        VarTransformer decoder = VarTransformer.load(transformer, Precision.FP32, DeviceSpec.CPU);
        Tokenizer codes = Tokenizer.load(tokeniser, schedule, Precision.FP32, DeviceSpec.CPU);
        NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
      double[] trained =
          TransformerTrainingKernel.logits(weights, quantizer, lesson, Precision.FP32);

      int images = lesson.labels().length;
      FeatureMap features = codes.newFeatureMap(batch, images);
      List<Tensor> inputs = new ArrayList<>();
      for (int scale = 0; scale < schedule.scales(); scale++) {
        long[] ids = ids(lesson, schedule, scale);
        Tensor map = batch.longs(ids, images, schedule.tokens(scale));
        features.accumulate(map, scale).ifPresent(inputs::add);
      }
      int[] labels = Arrays.stream(lesson.labels()).mapToInt(Math::toIntExact).toArray();
      float[] decoded = decoder.teacherForcing(batch, labels, inputs).toFloats();
      float[] floats = new float[trained.length];
      IntStream.range(0, floats.length).forEach(i -> floats[i] = (float) trained[i]);
      assertClose("logits", floats, decoded, LOGITS);
    } finally {
      TinyModels.close(quantizer);
    }
  }

  private static long[] ids(Lesson lesson, ScaleSchedule schedule, int scale) {
    int size = schedule.tokens(scale);
    long[] ids = new long[lesson.labels().length * size];
    for (int i = 0; i < ids.length; i++) {
      int image = i / size;
      ids[i] = lesson.tokens()[image * schedule.totalTokens() + schedule.offset(scale) + i % size];
    }
    return ids;
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void giveTheCrossEntropyOfTheReference(NumberFormat format) {
    GoldenCase golden = GoldenCase.tiny();
    try (WeightSource drafter = golden.drafter();
        WeightSource tokeniser = golden.tokenizer();
        TrainingState state = new TrainingState(load(drafter, format))) {
      FrozenQuantizer quantizer =
          TrainingWeights.quantizer(tokeniser, schedule(golden), 4, format, DeviceSpec.CPU);

      double loss =
          TransformerTrainingKernel.crossEntropy(state, quantizer, lesson(golden), Precision.FP32)
              .loss();

      assertThat(loss)
          .isCloseTo(golden.expected().floats("teacher_forcing_cross_entropy")[0], within(1e-4));
      TinyModels.close(quantizer);
    }
  }

  private static TrainingTensors load(WeightSource source, NumberFormat format) {
    return TrainingWeights.load(
        source, name -> !WeightNames.isIgnorable(name), format, DeviceSpec.CPU);
  }

  private static ScaleSchedule schedule(GoldenCase golden) {
    List<Integer> sides = new ArrayList<>();
    golden.description().get("patch_nums").forEach(side -> sides.add(side.asInt()));
    return new ScaleSchedule(sides);
  }

  private static Lesson lesson(GoldenCase golden) {
    ScaleSchedule schedule = schedule(golden);
    long[] labels = golden.expected().longs("teacher_forcing_labels");
    long[] tokens = new long[labels.length * schedule.totalTokens()];
    for (int scale = 0; scale < schedule.scales(); scale++) {
      long[] ids = golden.tokens("vae_tokens_").get(scale);
      int size = schedule.tokens(scale);
      for (int i = 0; i < ids.length; i++) {
        tokens[i / size * schedule.totalTokens() + schedule.offset(scale) + i % size] = ids[i];
      }
    }
    return lesson(tokens, labels, schedule.scales());
  }

  private static Lesson lesson(long[] tokens, long[] labels, int scales) {
    double[] weights = new double[scales];
    Arrays.fill(weights, 1);
    return new Lesson(tokens, labels, 0, scales, weights);
  }
}
