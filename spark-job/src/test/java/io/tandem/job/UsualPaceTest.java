package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.train.LearningRate;
import io.tandem.train.Pace;
import org.junit.jupiter.api.Test;

/** The figures that the papers and scripts give for ImageNet. */
class UsualPaceTest {

  private static final long IMAGENET = 1_281_167;

  @Test
  void isThatOfVarsScripts() {
    Pace small = UsualPace.var(16, 768, IMAGENET);
    Pace large = UsualPace.var(30, 1024, IMAGENET);

    assertThat(small)
        .isEqualTo(new Pace(333_637, 768, new LearningRate(3e-4, 6_672, 0.1), 0.05, 0));
    assertThat(large.steps()).isEqualTo(437_899);
    assertThat(large.learningRate().peak()).isCloseTo(3.2e-4, within(1e-12));
    assertThat(large.learningRate().endFraction()).isEqualTo(0.01);
  }

  @Test
  void isThatOfCodesFineTuning() {
    Pace drafter = UsualPace.drafter(30, 1024, IMAGENET);
    Pace refiner = UsualPace.refiner(16, 1024, IMAGENET);

    assertThat(drafter.steps()).isBetween(21_800L, 22_000L);
    assertThat(drafter.learningRate().peak()).isCloseTo(4e-6, within(1e-15));
    assertThat(drafter.decay()).isEqualTo(0.08);
    assertThat(refiner.steps()).isBetween(62_500L, 62_700L);
    assertThat(refiner.learningRate().peak()).isCloseTo(4e-5, within(1e-15));
    assertThat(refiner.decay()).isZero();
  }

  @Test
  void hasAtLeastOneStep() {
    assertThat(UsualPace.drafter(16, 1024, 3).steps()).isEqualTo(1);
  }
}
