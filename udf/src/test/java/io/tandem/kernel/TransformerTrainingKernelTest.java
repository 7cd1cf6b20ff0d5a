package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.kernel.TransformerTrainingKernel.Divergence;
import io.tandem.kernel.TransformerTrainingKernel.FrozenQuantizer;
import io.tandem.kernel.TransformerTrainingKernel.Lesson;
import io.tandem.kernel.TransformerTrainingKernel.Losses;
import io.tandem.kernel.TransformerTrainingKernel.Teacher;
import io.tandem.model.AdaLn;
import io.tandem.model.NumberFormat;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.testing.FiniteDifferences;
import io.tandem.testing.SingleThread;
import io.tandem.testing.TinyModels;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(SingleThread.class)
class TransformerTrainingKernelTest {

  private static final ScaleSchedule SCHEDULE = TinyModels.SCHEDULE;
  private static final int TOKENS = SCHEDULE.totalTokens();
  private static final int VOCABULARY = TinyModels.VOCABULARY;
  private static final int IMAGES = 2;

  /** The second image has no label. */
  private static final long[] LABELS = {3, 5};

  private static final long[] IDS = TinyModels.tokens(IMAGES, 7);

  private static FrozenQuantizer quantizer;

  @BeforeAll
  static void open() {
    quantizer = TinyModels.quantizer(NumberFormat.FLOAT64);
  }

  @AfterAll
  static void close() {
    TinyModels.close(quantizer);
  }

  /** Adds gradients to a state and returns the loss. */
  private interface Call {
    Losses on(TrainingState state);
  }

  private static Call crossEntropy(Lesson lesson) {
    return state ->
        TransformerTrainingKernel.crossEntropy(state, quantizer, lesson, Precision.FP32);
  }

  private static Call divergence(Teacher teacher, Lesson lesson) {
    return state ->
        TransformerTrainingKernel.divergence(state, teacher, quantizer, lesson, Precision.FP32);
  }

  private static Lesson lesson(int first, int end, double... weights) {
    return new Lesson(IDS, LABELS, first, end, weights);
  }

  private static Lesson allScales() {
    return lesson(0, 4, 1, 1, 1, 1);
  }

  private static TrainingTensors student(AdaLn adaLn) {
    return TinyModels.transformer(TinyModels.transformer(2, adaLn), 1, NumberFormat.FLOAT64);
  }

  /** Another depth and width than the student's. */
  private static TrainingTensors teacher() {
    VarConfig config = TinyModels.transformer(1, AdaLn.PER_BLOCK);
    VarConfig wider = new VarConfig(1, 24, 3, config.classes(), config.adaLn(), config.latent());
    return TinyModels.transformer(wider, 2, NumberFormat.FLOAT64);
  }

  private static FiniteDifferences.Loss loss(Call call) {
    return weights -> {
      try (TrainingState state = new TrainingState(weights)) {
        return call.on(state).loss();
      }
    };
  }

  private static void assertGradients(AdaLn adaLn, Call call) {
    try (TrainingState state = new TrainingState(student(adaLn))) {
      call.on(state);

      FiniteDifferences.of(state.weights(), state.gradients(), loss(call))
          .agreeAlongRandomDirections(name -> true);
    }
  }

  /** A random direction says little about tensors of few numbers. */
  @ParameterizedTest
  @EnumSource
  void gradientsOfEachTensorAgreeWithDifferences(AdaLn adaLn) {
    Call call = crossEntropy(allScales());
    try (TrainingState state = new TrainingState(student(adaLn))) {
      call.on(state);

      FiniteDifferences.of(state.weights(), state.gradients(), loss(call))
          .agreeInEachTensor(name -> true);
    }
  }

  @ParameterizedTest
  @EnumSource
  void gradientsOfTheCrossEntropyAgreeWithDifferences(AdaLn adaLn) {
    assertGradients(adaLn, crossEntropy(allScales()));
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 3", "1, 3", "3, 4"})
  void gradientsOfSomeScalesAgreeWithDifferences(int first, int end) {
    double[] weights = new double[end - first];
    Arrays.fill(weights, 1);

    assertGradients(AdaLn.PER_BLOCK, crossEntropy(lesson(first, end, weights)));
  }

  @Test
  void gradientsOfWeightedScalesAgreeWithDifferences() {
    assertGradients(AdaLn.PER_BLOCK, crossEntropy(lesson(0, 4, 0.25, 0, 0.75, 1)));
  }

  @ParameterizedTest
  @CsvSource({
    "TEACHER_STUDENT, PER_BLOCK, 1",
    "TEACHER_STUDENT, SHARED, 1",
    "TEACHER_STUDENT, PER_BLOCK, 2.5",
    "STUDENT_TEACHER, PER_BLOCK, 1",
    "STUDENT_TEACHER, SHARED, 0.7"
  })
  void gradientsOfTheDivergenceAgreeWithDifferences(
      Divergence direction, AdaLn adaLn, double temperature) {
    try (TrainingTensors teacher = teacher()) {
      assertGradients(
          adaLn,
          divergence(new Teacher(teacher, direction, temperature), lesson(1, 4, 0.5, 1, 0.25)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyTensorLearnsFromTheCrossEntropy(AdaLn adaLn) {
    try (TrainingState state = new TrainingState(student(adaLn))) {
      crossEntropy(allScales()).on(state);

      for (String name : state.gradients().names()) {
        double[] gradient = state.gradients().doubles(name);
        assertThat(Arrays.stream(gradient).map(Math::abs).sum()).as(name).isPositive();
      }
    }
  }

  @Test
  void crossEntropyIsThatOfTheLogits() {
    Lesson lesson = lesson(1, 4, 0.5, 2, 1);
    try (TrainingState state = new TrainingState(student(AdaLn.PER_BLOCK))) {
      double[] logits = logits(state.weights(), lesson);
      double[][] losses = new double[3][IMAGES];
      for (int image = 0; image < IMAGES; image++) {
        for (int token = SCHEDULE.offset(1); token < TOKENS; token++) {
          int row = image * (TOKENS - 1) + token - 1;
          double[] log = logSoftmax(logits, row, 1);
          losses[scale(token) - 1][image] -= log[(int) IDS[image * TOKENS + token]];
        }
      }

      Losses actual = crossEntropy(lesson).on(state);

      assertLosses(actual, losses, lesson.weights());
    }
  }

  @ParameterizedTest
  @CsvSource({"TEACHER_STUDENT, 1", "STUDENT_TEACHER, 1", "TEACHER_STUDENT, 2"})
  void divergenceIsThatOfTheLogits(Divergence direction, double temperature) {
    Lesson lesson = lesson(1, 4, 0.5, 2, 1);
    try (TrainingState state = new TrainingState(student(AdaLn.PER_BLOCK));
        TrainingTensors teacher = teacher()) {
      boolean teacherFirst = direction == Divergence.TEACHER_STUDENT;
      double[] of = logits(teacherFirst ? teacher : state.weights(), lesson);
      double[] from = logits(teacherFirst ? state.weights() : teacher, lesson);
      double[][] losses = new double[3][IMAGES];
      for (int image = 0; image < IMAGES; image++) {
        for (int token = SCHEDULE.offset(1); token < TOKENS; token++) {
          int row = image * (TOKENS - 1) + token - 1;
          double[] p = logSoftmax(of, row, temperature);
          double[] q = logSoftmax(from, row, temperature);
          for (int code = 0; code < VOCABULARY; code++) {
            losses[scale(token) - 1][image] +=
                temperature * temperature * Math.exp(p[code]) * (p[code] - q[code]);
          }
        }
      }

      Losses actual = divergence(new Teacher(teacher, direction, temperature), lesson).on(state);

      assertLosses(actual, losses, lesson.weights());
    }
  }

  /** Scales weighted, summed, and divided by all tokens to learn; losses by scale and image. */
  private static void assertLosses(Losses actual, double[][] losses, double[] weights) {
    double total = 0;
    for (int i = 0; i < losses.length; i++) {
      double sum = Arrays.stream(losses[i]).sum();
      total += weights[i] * sum;
      assertThat(actual.scaleLosses()[i])
          .as("loss of scale %d", i + 2)
          .isCloseTo(sum / (IMAGES * SCHEDULE.tokens(i + 1)), within(1e-12));
    }
    assertThat(actual.loss()).isCloseTo(total / (IMAGES * (TOKENS - 1)), within(1e-12));
  }

  private static int scale(int token) {
    int scale = 0;
    while (SCHEDULE.offset(scale + 1) <= token) {
      scale++;
    }
    return scale;
  }

  private static double[] logits(TrainingTensors weights, Lesson lesson) {
    return TransformerTrainingKernel.logits(weights, quantizer, lesson, Precision.FP32);
  }

  private static double[] logSoftmax(double[] logits, int row, double temperature) {
    double[] log = Arrays.copyOfRange(logits, row * VOCABULARY, (row + 1) * VOCABULARY);
    double sum = 0;
    for (int i = 0; i < log.length; i++) {
      log[i] /= temperature;
      sum += Math.exp(log[i]);
    }
    for (int i = 0; i < log.length; i++) {
      log[i] -= Math.log(sum);
    }
    return log;
  }

  @Test
  void aTeacherWithTheStudentsWeightsTeachesNothing() {
    try (TrainingState state = new TrainingState(student(AdaLn.SHARED));
        TrainingTensors twin = student(AdaLn.SHARED)) {
      Losses losses =
          divergence(new Teacher(twin, Divergence.TEACHER_STUDENT, 1), allScales()).on(state);

      assertThat(losses.loss()).isZero();
      for (String name : state.gradients().names()) {
        // probabilities of p - q where p = q: rounding of sums of 24 numbers up to 1
        for (double gradient : state.gradients().doubles(name)) {
          assertThat(gradient).as(name).isCloseTo(0, within(1e-14));
        }
      }
    }
  }

  @Test
  void scalesAfterTheLastOneToLearnChangeNothing() {
    long[] others = IDS.clone();
    for (int image = 0; image < IMAGES; image++) {
      for (int token = SCHEDULE.offset(3); token < TOKENS; token++) {
        others[image * TOKENS + token] = (others[image * TOKENS + token] + 1) % VOCABULARY;
      }
    }
    Lesson lesson = lesson(1, 3, 1, 1);
    Lesson other = new Lesson(others, LABELS, 1, 3, new double[] {1, 1});
    try (TrainingState a = new TrainingState(student(AdaLn.PER_BLOCK));
        TrainingState b = new TrainingState(student(AdaLn.PER_BLOCK))) {
      Losses losses = crossEntropy(lesson).on(a);
      Losses same = crossEntropy(other).on(b);

      assertThat(same.loss()).isEqualTo(losses.loss());
      assertSameBits(b.gradients(), a.gradients());
      double[] positions = a.gradients().doubles("pos_1LC");
      assertThat(Arrays.copyOfRange(positions, 16 * SCHEDULE.offset(3), positions.length))
          .as("gradients of positions after scale 3")
          .containsOnly(0);
    }
  }

  @Test
  void tokensOfTheLastScaleToLearnAloneMayBeGiven() {
    Lesson whole = lesson(0, 2, 1, 1);
    long[] few = new long[IMAGES * SCHEDULE.offset(2)];
    for (int image = 0; image < IMAGES; image++) {
      System.arraycopy(IDS, image * TOKENS, few, image * SCHEDULE.offset(2), SCHEDULE.offset(2));
    }
    Lesson cut = new Lesson(few, LABELS, 0, 2, new double[] {1, 1});
    try (TrainingTensors weights = student(AdaLn.PER_BLOCK)) {
      assertThat(logits(weights, cut)).isEqualTo(logits(weights, whole));
    }
  }

  @Test
  void logitsOfSomeScalesAreThoseOfAllScales() {
    try (TrainingTensors weights = student(AdaLn.PER_BLOCK)) {
      double[] all = logits(weights, allScales());
      double[] some = logits(weights, lesson(2, 3, 1));

      int count = SCHEDULE.tokens(2) * VOCABULARY;
      for (int image = 0; image < IMAGES; image++) {
        int from = (image * TOKENS + SCHEDULE.offset(2)) * VOCABULARY;
        assertThat(Arrays.copyOfRange(some, image * count, (image + 1) * count))
            .containsExactly(Arrays.copyOfRange(all, from, from + count), within(1e-12));
      }
    }
  }

  @Test
  void equalStepsGiveEqualGradients() {
    VarConfig config = TinyModels.transformer(2, AdaLn.PER_BLOCK);
    FrozenQuantizer floats = TinyModels.quantizer(NumberFormat.FLOAT32);
    try (TrainingState a =
            new TrainingState(TinyModels.transformer(config, 1, NumberFormat.FLOAT32));
        TrainingState b =
            new TrainingState(TinyModels.transformer(config, 1, NumberFormat.FLOAT32))) {
      for (Precision precision : Precision.values()) {
        TransformerTrainingKernel.crossEntropy(a, floats, allScales(), precision);
        TransformerTrainingKernel.crossEntropy(b, floats, allScales(), precision);
        assertSameBits(b.gradients(), a.gradients());
      }
    } finally {
      TinyModels.close(floats);
    }
  }

  @Test
  void gradientsOfSeveralCallsAddUp() {
    Lesson one = new Lesson(Arrays.copyOf(IDS, TOKENS), new long[] {3}, 0, 4, ones());
    Lesson other =
        new Lesson(Arrays.copyOfRange(IDS, TOKENS, 2 * TOKENS), new long[] {5}, 0, 4, ones());
    try (TrainingState parts = new TrainingState(student(AdaLn.PER_BLOCK));
        TrainingState whole = new TrainingState(student(AdaLn.PER_BLOCK))) {
      double sum = crossEntropy(one).on(parts).loss() + crossEntropy(other).on(parts).loss();
      double mean = crossEntropy(allScales()).on(whole).loss();

      assertThat(sum / 2).isCloseTo(mean, within(1e-12));
      for (String name : whole.gradients().names()) {
        double[] halves = Arrays.stream(parts.gradients().doubles(name)).map(g -> g / 2).toArray();
        assertThat(halves).as(name).containsExactly(whole.gradients().doubles(name), within(1e-12));
      }
    }
  }

  private static double[] ones() {
    return new double[] {1, 1, 1, 1};
  }

  private static void assertSameBits(TrainingTensors actual, TrainingTensors expected) {
    for (String name : expected.names()) {
      assertThat(actual.doubles(name)).as(name).isEqualTo(expected.doubles(name));
    }
  }
}
