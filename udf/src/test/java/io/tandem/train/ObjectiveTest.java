package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.train.Objective.Course;
import io.tandem.train.Objective.Curriculum;
import io.tandem.train.Objective.Weighting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectiveTest {

  private static Objective refining(Course course) {
    return new Objective(0, 5, new Weighting(3, course), Curriculum.NONE);
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 0.75", "2, 0.5", "3, 0.25", "4, 0"})
  void theDraftersScalesFadeEvenlyFromTheFirstToTheLastStep(long step, double weight) {
    assertThat(refining(Course.ANNEALED).weights(step, 5))
        .containsExactly(weight, weight, weight, 1, 1);
  }

  @ParameterizedTest
  @CsvSource({"0, 5, 1", "2, 5, 1", "3, 5, 0", "4, 5, 0", "1, 4, 1", "2, 4, 0"})
  void theDraftersScalesEndHalfWayInTwoStages(long step, long steps, double weight) {
    assertThat(refining(Course.TWO_STAGE).weights(step, steps))
        .containsExactly(weight, weight, weight, 1, 1);
  }

  @Test
  void aRunOfOneStepLearnsAllScales() {
    assertThat(refining(Course.ANNEALED).weights(0, 1)).containsExactly(1, 1, 1, 1, 1);
    assertThat(refining(Course.TWO_STAGE).weights(0, 1)).containsExactly(1, 1, 1, 1, 1);
  }

  @Test
  void weightsAreThoseOfTheScalesToLearn() {
    Objective late = new Objective(2, 5, new Weighting(3, Course.ANNEALED), Curriculum.NONE);

    assertThat(late.weights(1, 3)).containsExactly(0.5, 1, 1);
    assertThat(Objective.all(4).weights(7, 9)).containsExactly(1, 1, 1, 1);
    assertThat(Objective.all(4).first()).isZero();
    assertThat(Objective.all(4).end()).isEqualTo(4);
  }

  @Test
  void aCurriculumLearnsAllScalesOnceInAPeriod() {
    Curriculum curriculum = new Curriculum(3, 2, 40);
    int[] ends = new int[7];
    int[] batches = new int[7];
    for (int step = 0; step < 7; step++) {
      ends[step] = curriculum.end(step, 5);
      batches[step] = curriculum.batch(step, 8);
    }

    assertThat(ends).containsExactly(2, 2, 5, 2, 2, 5, 2);
    assertThat(batches).containsExactly(40, 40, 8, 40, 40, 8, 40);
    assertThat(curriculum.end(0, 1)).as("scales of a drafter of one scale").isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 0", "2, 1, 5", "3, 2, 40", "7, 4, 1"})
  void imagesBeforeAStepAreTheSumOfTheBatches(int period, int scales, int coarseBatch) {
    Curriculum curriculum = new Curriculum(period, scales, coarseBatch);
    long sum = 0;
    for (int step = 0; step < 50; step++) {
      assertThat(curriculum.imagesBefore(step, 8)).as("before step %d", step).isEqualTo(sum);
      sum += curriculum.batch(step, 8);
    }
  }

  @Test
  void refusesWhatCannotBeLearned() {
    assertRefused(
        () -> new Objective(3, 3, Weighting.EVEN, Curriculum.NONE),
        "Cannot learn scales 4 to 3 (at least one, counted from 1)");
    assertRefused(
        () -> new Objective(-1, 3, Weighting.EVEN, Curriculum.NONE),
        "Cannot learn scales 0 to 3 (at least one, counted from 1)");
    assertRefused(
        () -> new Objective(2, 5, Weighting.EVEN, new Curriculum(4, 2, 9)),
        "Cannot learn scales 3 to 5 in steps of the first 2 scales");
    assertRefused(
        () -> new Curriculum(0, 1, 1), "Cannot learn all scales every 0 steps (1 or more)");
    assertRefused(
        () -> new Curriculum(2, 0, 4),
        "Cannot learn the first 0 scales of 4 images (1 or more of each)");
  }

  private static void assertRefused(Runnable made, String message) {
    assertThatThrownBy(made::run).isInstanceOf(UserError.class).hasMessage(message);
  }
}
