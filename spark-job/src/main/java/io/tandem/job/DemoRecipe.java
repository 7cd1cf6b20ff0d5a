package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.kernel.TokeniserTrainingKernel.LossWeights;
import io.tandem.model.AdaLn;
import io.tandem.model.FeatureConfig;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.train.LearningRate;
import io.tandem.train.Objective;
import io.tandem.train.Objective.Course;
import io.tandem.train.Objective.Curriculum;
import io.tandem.train.Objective.Weighting;
import io.tandem.train.Pace;
import java.util.List;

/**
 * All figures of the demo pack.
 *
 * @param images what is learned from, and what the reference statistics are of
 * @param features the feature network
 * @param tokeniser the tokeniser
 * @param drafter the large transformer
 * @param refiner the small transformer
 * @param fineTuning what makes them specialists
 */
public record DemoRecipe(
    Images images,
    Features features,
    Tokeniser tokeniser,
    Transformer drafter,
    Transformer refiner,
    FineTuning fineTuning) {

  /**
   * The recipe of the pack in the jar.
   *
   * <p>Fine-tuning keeps the paper's proportions: the drafter gets 5 % of its steps and decay 0.08,
   * the refiner 25 % of its steps, a tenth of its rate and no decay (arXiv 2411.17787, section
   * 4.1).
   */
  public static final DemoRecipe STANDARD =
      new DemoRecipe(
          new Images(1, 50_000, 2, 10_000),
          new Features(new FeatureConfig(10, 64), new Pace(1_200, 64, rate(2e-3, 100, 0.01), 0, 1)),
          new Tokeniser(
              new VqConfig(32, List.of(1, 1, 2), 1, 512, 16, 4),
              new ScaleSchedule(List.of(1, 2, 3, 4, 5, 6, 8, 10, 13, 16)),
              new LossWeights(1, 0.2, 1, 0.25),
              new Pace(3_000, 16, rate(1.5e-3, 100, 0.01), 0, 1)),
          new Transformer(
              new Width(3, 256, 4),
              new Pace(7_000, 16, rate(2e-3, 200, 0.01), 0.05, 1),
              new Curriculum(4, 7, 64)),
          new Transformer(
              new Width(3, 128, 2),
              new Pace(5_000, 16, rate(2e-3, 200, 0.01), 0.05, 2),
              new Curriculum(2, 7, 64)),
          new FineTuning(
              8,
              new Pace(350, 16, rate(1e-4, 20, 0.1), 0.08, 3),
              new Pace(1_250, 16, rate(2e-4, 50, 0.1), 0, 4),
              8,
              new Pace(1_250, 16, rate(2e-4, 50, 0.1), 0, 5)));

  /** Chance that an image loses its label. */
  public static final double LABEL_DROPOUT = 0.1;

  /** What a pack may take. */
  public static final long MOST_BYTES = 25_000_000;

  /**
   * Pictures of the procedural set.
   *
   * @param seed of those to learn from
   * @param count how many
   * @param referenceSeed of those that the reference statistics are of
   * @param referenceCount how many
   */
  public record Images(long seed, long count, long referenceSeed, int referenceCount) {}

  /** The feature network. */
  public record Features(FeatureConfig config, Pace pace) {}

  /** The tokeniser; the last side and the levels give the side of the pictures. */
  public record Tokeniser(VqConfig config, ScaleSchedule schedule, LossWeights losses, Pace pace) {}

  /** A transformer with shared AdaLN, trained on all scales. */
  public record Transformer(Width size, Pace pace, Curriculum curriculum) {}

  /** Blocks, channels of a token, and attention heads. */
  public record Width(int depth, int width, int heads) {}

  /**
   * CoDe's specialised fine-tuning, and the same steps of ordinary training as a control.
   *
   * @param draftScales scales of the drafter, N
   * @param drafter cross-entropy on the first N scales
   * @param refiner divergence from the drafter before its fine-tuning
   * @param lateScales the study of mutual exclusion learns the scales from this one on, from 1
   * @param late cross-entropy of the refiner on these alone
   */
  public record FineTuning(
      int draftScales, Pace drafter, Pace refiner, int lateScales, Pace late) {}

  private static LearningRate rate(double peak, long warmUp, double end) {
    return new LearningRate(peak, warmUp, end);
  }

  /** Returns the height and width of the pictures. */
  public int imageSide() {
    return tokeniser.schedule.finestSide() * tokeniser.config.pixelsPerCell();
  }

  /** Returns the architecture of a transformer of this recipe. */
  public VarConfig config(Width size) {
    return new VarConfig(
        size.depth,
        size.width,
        size.heads,
        features.config.classes(),
        AdaLn.SHARED,
        new LatentSpace(
            tokeniser.config.vocabulary(), tokeniser.config.codeChannels(), tokeniser.schedule));
  }

  /**
   * One training of a transformer.
   *
   * @param name of the stage
   * @param size of the transformer
   * @param objective what it learns
   * @param pace how long and how fast
   */
  public record Part(String name, Width size, Objective objective, Pace pace) {}

  /** Returns the training of the drafter on all scales. */
  public Part plainDrafter() {
    return plain("drafter", drafter);
  }

  /** Returns the training of the refiner on all scales. */
  public Part plainRefiner() {
    return plain("refiner", refiner);
  }

  private Part plain(String name, Transformer transformer) {
    return new Part(
        name,
        transformer.size,
        new Objective(0, scales(), Weighting.EVEN, transformer.curriculum),
        transformer.pace);
  }

  /** Returns the drafter's fine-tuning on its own scales. */
  public Part specialDrafter() {
    return new Part(
        "drafter-n" + fineTuning.draftScales,
        drafter.size,
        new Objective(0, fineTuning.draftScales, Weighting.EVEN, Curriculum.NONE),
        fineTuning.drafter);
  }

  /** Returns the refiner's fine-tuning by the drafter as its teacher. */
  public Part specialRefiner() {
    return new Part(
        "refiner-n" + fineTuning.draftScales,
        refiner.size,
        new Objective(
            0, scales(), new Weighting(fineTuning.draftScales, Course.ANNEALED), Curriculum.NONE),
        fineTuning.refiner);
  }

  /** Returns the same steps of ordinary training for the drafter. */
  public Part controlDrafter() {
    return new Part("drafter-control", drafter.size, Objective.all(scales()), fineTuning.drafter);
  }

  /** Returns the same steps of ordinary training for the refiner. */
  public Part controlRefiner() {
    return new Part("refiner-control", refiner.size, Objective.all(scales()), fineTuning.refiner);
  }

  /** Returns the refiner's training on the last scales alone. */
  public Part lateRefiner() {
    return new Part(
        "refiner-scales-%d-%d".formatted(fineTuning.lateScales, scales()),
        refiner.size,
        new Objective(fineTuning.lateScales - 1, scales(), Weighting.EVEN, Curriculum.NONE),
        fineTuning.late);
  }

  /** Returns all trainings of transformers, in their order. */
  public List<Part> parts() {
    return List.of(
        plainDrafter(),
        plainRefiner(),
        specialDrafter(),
        specialRefiner(),
        controlDrafter(),
        controlRefiner(),
        lateRefiner());
  }

  private int scales() {
    return tokeniser.schedule.scales();
  }

  /**
   * Returns the recipe with {@code factor} times the steps of each stage, at least one.
   *
   * @throws io.tandem.base.UserError if the factor is no number above 0
   */
  public DemoRecipe scaled(double factor) {
    check(
        factor > 0 && factor <= 1000,
        "Cannot make the demo pack with %s times the steps (above 0, up to 1000)",
        factor);
    return new DemoRecipe(
        images,
        new Features(features.config, scaled(features.pace, factor)),
        new Tokeniser(
            tokeniser.config, tokeniser.schedule, tokeniser.losses, scaled(tokeniser.pace, factor)),
        new Transformer(drafter.size, scaled(drafter.pace, factor), drafter.curriculum),
        new Transformer(refiner.size, scaled(refiner.pace, factor), refiner.curriculum),
        new FineTuning(
            fineTuning.draftScales,
            scaled(fineTuning.drafter, factor),
            scaled(fineTuning.refiner, factor),
            fineTuning.lateScales,
            scaled(fineTuning.late, factor)));
  }

  private static Pace scaled(Pace pace, double factor) {
    LearningRate rate = pace.learningRate();
    return new Pace(
        Math.max(1, Math.round(pace.steps() * factor)),
        pace.batch(),
        rate(rate.peak(), Math.round(rate.warmUpSteps() * factor), rate.endFraction()),
        pace.decay(),
        pace.seed());
  }
}
