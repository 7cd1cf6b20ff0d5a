package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.kernel.TrainingTensors;
import io.tandem.kernel.TransformerTrainingKernel.Divergence;
import io.tandem.kernel.TransformerTrainingKernel.FrozenQuantizer;
import io.tandem.kernel.TransformerTrainingKernel.Teacher;
import io.tandem.model.AdaLn;
import io.tandem.model.LatentSpace;
import io.tandem.model.NumberFormat;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.testing.SingleThread;
import io.tandem.testing.TinyModels;
import io.tandem.train.Objective.Course;
import io.tandem.train.Objective.Curriculum;
import io.tandem.train.Objective.Weighting;
import io.tandem.train.TransformerTraining.Models;
import io.tandem.train.TransformerTraining.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SingleThread.class)
class TransformerTrainingTest {

  private static final VarConfig CONFIG = TinyModels.transformer(1, AdaLn.SHARED);

  @TempDir private static Path folder;

  private static TokenSet tokens;
  private static FrozenQuantizer quantizer;

  @BeforeAll
  static void open() {
    tokens = TinyRuns.tokens(folder);
    quantizer = TinyModels.quantizer(NumberFormat.FLOAT32);
  }

  @AfterAll
  static void close() {
    TinyModels.close(quantizer);
  }

  private static TrainingTensors weights(long seed) {
    return TinyModels.transformer(CONFIG, seed, NumberFormat.FLOAT32);
  }

  private static Settings settings(Objective objective, double dropout) {
    return new Settings("var", CONFIG, objective, TinyRuns.pace(20), dropout, Precision.FP32);
  }

  private static TransformerTraining task(Settings settings, Optional<Teacher> teacher) {
    return new TransformerTraining(
        settings, new Models("nothing", weights(1), quantizer, teacher), tokens);
  }

  private static TransformerTraining labels(double dropout) {
    return task(settings(Objective.all(4), dropout), Optional.empty());
  }

  @Test
  void oneLabelInTenIsDropped() {
    try (TransformerTraining task = labels(0.1)) {
      int dropped = 0;
      for (int position = 0; position < 20_000; position++) {
        long label = task.label(position % 40, position);
        dropped += label == CONFIG.unconditionalLabel() ? 1 : 0;
        assertThat(label).isIn((long) position % 40 % 10, (long) CONFIG.unconditionalLabel());
        assertThat(task.label(position % 40, position)).isEqualTo(label);
      }
      // 2,000 expected, five standard deviations of 42
      assertThat(dropped).isBetween(1790, 2210);
    }
  }

  @Test
  void noLabelIsDroppedWhereNoneShould() {
    try (TransformerTraining task = labels(0)) {
      for (int position = 0; position < 2000; position++) {
        assertThat(task.label(7, position)).isEqualTo(7);
      }
    }
  }

  /** Other labels would give other logits, and a divergence above 0. */
  @Test
  void teacherAndStudentSeeTheSameLabels() {
    try (TrainingTensors twin = weights(1);
        TrainingTensors other = weights(2)) {
      for (Divergence direction : Divergence.values()) {
        try (TransformerTraining task =
                task(
                    settings(Objective.all(4), 0.5), Optional.of(new Teacher(twin, direction, 1)));
            TransformerTraining taught =
                task(
                    settings(Objective.all(4), 0.5),
                    Optional.of(new Teacher(other, direction, 1)))) {
          for (int step = 0; step < 5; step++) {
            assertThat(task.gradients(step).loss()).isZero();
            assertThat(taught.gradients(step).loss()).isGreaterThan(0.01);
          }
        }
      }
    }
  }

  @Test
  void dropoutChangesWhatIsLearned() {
    try (TransformerTraining none = labels(0);
        TransformerTraining most = labels(0.9)) {
      assertThat(most.gradients(0).loss()).isNotEqualTo(none.gradients(0).loss());
    }
  }

  @Test
  void aStepReportsEachScaleThatItLearns() {
    Objective objective = new Objective(1, 4, new Weighting(3, Course.ANNEALED), Curriculum.NONE);
    try (TransformerTraining task = task(settings(objective, 0.1), Optional.empty())) {
      StepLoss first = task.gradients(0);
      StepLoss last = task.gradients(19);

      assertThat(first.parts()).containsOnlyKeys("scale_2", "scale_3", "scale_4");
      assertThat(first.parts().keySet()).containsExactly("scale_2", "scale_3", "scale_4");
      assertThat(first.images()).isEqualTo(4);
      assertThat(first.loss()).isCloseTo(mean(first, 1, 1), within(1e-5));
      assertThat(last.loss()).isCloseTo(mean(last, 0, 1), within(1e-5));
    }
  }

  @Test
  void partsOfABatchLearnWhatTheWholeDoes() {
    Objective objective = new Objective(1, 4, new Weighting(3, Course.ANNEALED), Curriculum.NONE);
    Settings inParts =
        new Settings("var", CONFIG, objective, TinyRuns.inParts(20), 0.1, Precision.FP32);
    try (TrainingTensors weights = weights(2)) {
      for (Optional<Teacher> teacher :
          List.of(
              Optional.<Teacher>empty(),
              Optional.of(new Teacher(weights, Divergence.TEACHER_STUDENT, 1)))) {
        try (TransformerTraining whole = task(settings(objective, 0.1), teacher);
            TransformerTraining parts = task(inParts, teacher)) {
          StepLoss expected = whole.gradients(7);
          StepLoss actual = parts.gradients(7);

          assertThat(actual.images()).isEqualTo(expected.images());
          assertThat(actual.loss()).isCloseTo(expected.loss(), within(1e-5));
          expected
              .parts()
              .forEach(
                  (name, loss) ->
                      assertThat(actual.parts().get(name)).as(name).isCloseTo(loss, within(1e-5)));
          TinyRuns.assertSameGradients(parts, whole);
        }
      }
    }
  }

  /** Of 4 + 9 + 16 tokens; scales 2 and 3 are the drafter's. */
  private static double mean(StepLoss loss, double drafters, double others) {
    return (drafters * (4 * loss.parts().get("scale_2") + 9 * loss.parts().get("scale_3"))
            + others * 16 * loss.parts().get("scale_4"))
        / 29;
  }

  @Test
  void coarseStepsLearnFewScalesOfManyImages() {
    Objective objective = new Objective(0, 4, Weighting.EVEN, new Curriculum(3, 2, 9));
    try (TransformerTraining task = task(settings(objective, 0.1), Optional.empty())) {
      long images = 0;
      for (int step = 0; step < 6; step++) {
        assertThat(task.imagesBefore(step)).isEqualTo(images);
        StepLoss loss = task.gradients(step);
        boolean full = step % 3 == 2;
        assertThat(loss.images()).isEqualTo(full ? 4 : 9);
        assertThat(loss.parts()).hasSize(full ? 4 : 2);
        images += loss.images();
      }
    }
  }

  @Test
  void identitySaysWhatDecidesTheWeights() {
    try (TransformerTraining task = labels(0.1);
        TransformerTraining other = labels(0.2);
        TrainingTensors teacher = weights(2);
        TransformerTraining forth = taught(teacher, Divergence.TEACHER_STUDENT, 1);
        TransformerTraining back = taught(teacher, Divergence.STUDENT_TEACHER, 1);
        TransformerTraining warm = taught(teacher, Divergence.TEACHER_STUDENT, 2)) {
      assertThat(task.identity())
          .contains("depth=1", "labelDropout=0.1", "from nothing", tokens.identity(), "seed 11");
      assertThat(
              List.of(
                  task.identity(),
                  other.identity(),
                  forth.identity(),
                  back.identity(),
                  warm.identity()))
          .doesNotHaveDuplicates();
      assertThat(task.identity()).doesNotContain("\n");
    }
  }

  private static TransformerTraining taught(
      TrainingTensors teacher, Divergence direction, double temperature) {
    return task(
        settings(Objective.all(4), 0.1), Optional.of(new Teacher(teacher, direction, temperature)));
  }

  @Test
  void aTeacherOfOtherWeightsMakesAnotherRun() {
    try (TrainingTensors one = weights(2);
        TrainingTensors other = weights(3);
        TransformerTraining first = taught(one, Divergence.TEACHER_STUDENT, 1);
        TransformerTraining again = taught(one, Divergence.TEACHER_STUDENT, 1);
        TransformerTraining second = taught(other, Divergence.TEACHER_STUDENT, 1)) {
      assertThat(again.identity()).isEqualTo(first.identity());
      assertThat(second.identity()).isNotEqualTo(first.identity());
    }
  }

  @Test
  void refusesMoreClassesThanTheModelHas() {
    VarConfig five = new VarConfig(1, 16, 2, 5, AdaLn.PER_BLOCK, CONFIG.latent());
    Settings settings =
        new Settings("var", five, Objective.all(4), TinyRuns.pace(1), 0.1, Precision.FP32);

    assertRefused(
        five,
        settings,
        Optional.empty(),
        "Cannot train a transformer of 5 classes on images of 10 classes");
  }

  @Test
  void refusesScalesThatTheModelLacks() {
    Objective objective = new Objective(2, 5, Weighting.EVEN, Curriculum.NONE);

    assertRefused(
        CONFIG,
        settings(objective, 0.1),
        Optional.empty(),
        "Cannot learn scales 3 to 5 of a transformer of 4 scales");
  }

  @Test
  void refusesTokensOfOtherScales() {
    LatentSpace latent = new LatentSpace(24, 8, new ScaleSchedule(List.of(1, 2, 3)));
    VarConfig shorter = new VarConfig(1, 16, 2, 10, AdaLn.SHARED, latent);
    Settings settings =
        new Settings("var", shorter, Objective.all(3), TinyRuns.pace(1), 0.1, Precision.FP32);

    assertRefused(
        shorter,
        settings,
        Optional.empty(),
        "Cannot train a transformer of 14 tokens on images of 30 tokens");
  }

  @Test
  void refusesATeacherOfAnotherVocabulary() {
    LatentSpace latent = new LatentSpace(25, 8, CONFIG.schedule());
    VarConfig other = new VarConfig(1, 16, 2, 10, AdaLn.SHARED, latent);
    try (TrainingTensors weights = TinyModels.transformer(other, 1, NumberFormat.FLOAT32)) {
      assertRefused(
          CONFIG,
          settings(Objective.all(4), 0.1),
          Optional.of(new Teacher(weights, Divergence.TEACHER_STUDENT, 1)),
          "Cannot learn from a teacher of 25 codes, 30 tokens and 10 classes (the student has 24,"
              + " 30 and 10). Choose one that was trained on the same tokens.");
    }
  }

  private static void assertRefused(
      VarConfig config, Settings settings, Optional<Teacher> teacher, String message) {
    try (TrainingTensors weights = TinyModels.transformer(config, 1, NumberFormat.FLOAT32)) {
      assertThatThrownBy(
              () ->
                  new TransformerTraining(
                      settings, new Models("x", weights, quantizer, teacher), tokens))
          .isInstanceOf(UserError.class)
          .hasMessage(message);
    }
  }

  @Test
  void refusesChancesThatAreNone() {
    for (double dropout : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> settings(Objective.all(4), dropout))
          .isInstanceOf(UserError.class)
          .hasMessage("Cannot drop labels with chance %s (0 up to, not including, 1)", dropout);
    }
  }

  @Test
  void learns() {
    try (TransformerTraining task = labels(0)) {
      double first = task.gradients(0).loss();
      task.state().gradients().clear();
      for (int step = 0; step < 20; step++) {
        task.gradients(step);
        task.optimizer().step(task.state(), 3e-3, task.weightDecay(), step + 1);
      }
      assertThat(task.gradients(0).loss()).isLessThan(first - 0.5);
    }
  }
}
