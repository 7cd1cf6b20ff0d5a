package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.train.Pace;
import org.junit.jupiter.api.Test;

/** The figures that the papers and scripts give for ImageNet. */
class UsualPaceTest {

  private static final long IMAGENET = 1_281_167;

  @Test
  void isThatOfVarsScripts() {
    Pace small = UsualPace.var(16, 768, IMAGENET);
    Pace large = UsualPace.var(30, 1024, IMAGENET);

    assertThat(small.steps()).isEqualTo(333_637);
    assertThat(small.learningRate().peak()).isCloseTo(3e-4, within(1e-12));
    assertThat(small.learningRate().warmUpSteps()).isEqualTo(6_672);
    assertThat(small.learningRate().endFraction()).isEqualTo(0.1);
    assertThat(small.decay()).isEqualTo(0.05);
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
