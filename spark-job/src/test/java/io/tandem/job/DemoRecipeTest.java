package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.metrics.WorkCount;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.train.Objective;
import io.tandem.train.TrainingCost;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the pack of the jar may take. */
class DemoRecipeTest {

  private final DemoRecipe recipe = DemoRecipe.STANDARD;

  @Test
  void isFor64PixelsAndTenScales() {
    assertThat(recipe.imageSide()).isEqualTo(64);
    assertThat(recipe.tokeniser().schedule()).isEqualTo(ScaleSchedule.PIXELS_256);
    assertThat(recipe.parts().stream().map(DemoRecipe.Part::name))
        .containsExactly(
            "drafter",
            "refiner",
            "drafter-n8",
            "refiner-n8",
            "drafter-control",
            "refiner-control",
            "refiner-last3");
  }

  /** Two bytes a parameter, each transformer twice, and 64 x 65 float64 of statistics. */
  @Test
  void fitsIn25Megabytes() {
    long parameters =
        TrainingCost.of(recipe.features().config(), 64, 1).parameters()
            + TrainingCost.of(
                    recipe.tokeniser().config(),
                    recipe.tokeniser().schedule(),
                    recipe.tokeniser().pace(),
                    Precision.FP32)
                .parameters()
            + 2 * parameters(recipe.transformers().drafter())
            + 2 * parameters(recipe.transformers().refiner());

    assertThat(2 * parameters + 8 * 64 * 65).isLessThan(DemoRecipe.MOST_BYTES);
  }

  private long parameters(DemoRecipe.Transformer transformer) {
    return TrainingCost.of(
            recipe.config(transformer.size()),
            Objective.all(10),
            transformer.pace(),
            Precision.FP32)
        .parameters();
  }

  @Test
  void keepsTheBudgetOfWork() {
    VarConfig config = recipe.config(recipe.transformers().drafter().size());
    long guided = IntStream.range(0, 10).mapToLong(scale -> WorkCount.step(config, scale, 2)).sum();

    assertThat(guided + WorkCount.adaLn(config, 2)).isLessThan(9_000_000_000L);
    assertThat(WorkCount.imageDecoder(recipe.tokeniser().config(), 16)).isLessThan(1_500_000_000L);
  }

  @Test
  void letsTheDrafterCostThreeTimesTheRefiner() {
    VarConfig large = recipe.config(recipe.transformers().drafter().size());
    VarConfig small = recipe.config(recipe.transformers().refiner().size());

    assertThat((double) WorkCount.step(large, 9, 1) / WorkCount.step(small, 9, 1))
        .isGreaterThanOrEqualTo(3);
  }

  @Test
  void scalesTheStepsOfAllStages() {
    DemoRecipe brief = recipe.scaled(0.01);

    assertThat(brief.features().pace().steps()).isEqualTo(12);
    assertThat(brief.tokeniser().pace().learningRate().warmUpSteps()).isEqualTo(1);
    assertThat(brief.parts())
        .allSatisfy(part -> assertThat(part.pace().steps()).isBetween(1L, 100L));
    assertThat(recipe.scaled(1)).isEqualTo(recipe);
  }
}
