package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.kernel.TokeniserTrainingKernel.LossWeights;
import io.tandem.model.AdaLn;
import io.tandem.model.FeatureConfig;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.pack.PackSettings;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.sample.SamplingConfig;
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
 * @param images what is learned from
 * @param features the feature network
 * @param tokeniser the tokeniser
 * @param transformers drafter and refiner
 * @param fineTuning what makes them specialists
 * @param quality how the result is measured
 */
public record DemoRecipe(
    Images images,
    Features features,
    Tokeniser tokeniser,
    Transformers transformers,
    FineTuning fineTuning,
    Quality quality) {

  /**
   * The recipe of the pack in the jar.
   *
   * <p>Fine-tuning keeps the paper's proportions: the drafter gets 5 % of its steps and decay 0.08,
   * the refiner 25 % of its steps, a tenth of its rate and no decay (arXiv 2411.17787, section
   * 4.1).
   */
  public static final DemoRecipe STANDARD =
      new DemoRecipe(
          new Images(1, 40_000),
          new Features(new FeatureConfig(10, 64), new Pace(1_200, 64, rate(2e-3, 100, 0.01), 0, 1)),
          new Tokeniser(
              new VqConfig(32, List.of(1, 1, 2), 1, 512, 16, 4),
              new ScaleSchedule(List.of(1, 2, 3, 4, 5, 6, 8, 10, 13, 16)),
              new LossWeights(1, 0.2, 1, 0.25),
              new Pace(2_000, 16, rate(1.5e-3, 100, 0.01), 0, 1)),
          new Transformers(
              new Transformer(
                  new Size(3, 256, 4),
                  new Pace(4_000, 16, rate(2e-3, 200, 0.01), 0.05, 1),
                  new Curriculum(3, 7, 64)),
              new Transformer(
                  new Size(3, 128, 2),
                  new Pace(3_000, 16, rate(2e-3, 200, 0.01), 0.05, 2),
                  new Curriculum(2, 7, 64))),
          new FineTuning(
              8,
              new Pace(200, 32, rate(1e-4, 20, 0.1), 0.08, 3),
              new Pace(750, 16, rate(2e-4, 50, 0.1), 0, 4),
              3,
              new Pace(400, 16, rate(2e-4, 50, 0.1), 0, 5)),
          new Quality(4.0, 900, 0.96, 1.0, PackSettings.Seeds.FIXED, PackSettings.Amounts.USUAL));

  /** Chance that an image loses its label. */
  public static final double LABEL_DROPOUT = 0.1;

  /** What a pack may take. */
  public static final long MOST_BYTES = 25_000_000;

  /**
   * Pictures of the procedural set.
   *
   * @param seed of those to learn from; what is measured has other seeds
   * @param count how many
   */
  public record Images(long seed, long count) {}

  /** The feature network. */
  public record Features(FeatureConfig config, Pace pace) {}

  /** The tokeniser; the last side and the levels give the side of the pictures. */
  public record Tokeniser(VqConfig config, ScaleSchedule schedule, LossWeights losses, Pace pace) {}

  /** The large and the small transformer. */
  public record Transformers(Transformer drafter, Transformer refiner) {}

  /** A transformer with shared AdaLN, trained on all scales. */
  public record Transformer(Size size, Pace pace, Curriculum curriculum) {}

  /** Blocks, channels of a token, and attention heads. */
  public record Size(int depth, int width, int heads) {}

  /**
   * CoDe's specialised fine-tuning, and the same steps of ordinary training as a control.
   *
   * @param draftScales scales of the drafter, N
   * @param drafter cross-entropy on the first N scales
   * @param refiner divergence from the drafter before its fine-tuning
   * @param lastScales the study of mutual exclusion learns so many of the last scales
   * @param last cross-entropy of the refiner on these alone
   */
  public record FineTuning(
      int draftScales, Pace drafter, Pace refiner, int lastScales, Pace last) {}

  /**
   * How samples are drawn for the figures, and how many.
   *
   * @param guidance at the last scale
   * @param topK of all scales
   * @param topP of all scales
   * @param temperature of all scales
   * @param seeds of samples and pictures
   * @param amounts how many of each
   */
  public record Quality(
      double guidance,
      int topK,
      double topP,
      double temperature,
      PackSettings.Seeds seeds,
      PackSettings.Amounts amounts) {}

  /**
   * One training of a transformer.
   *
   * @param name of the stage
   * @param size of the transformer
   * @param objective what it learns
   * @param pace how long and how fast
   */
  public record Part(String name, Size size, Objective objective, Pace pace) {}

  private static LearningRate rate(double peak, long warmUp, double end) {
    return new LearningRate(peak, warmUp, end);
  }

  /** Returns the height and width of the pictures. */
  public int imageSide() {
    return tokeniser.schedule.finestSide() * tokeniser.config.pixelsPerCell();
  }

  private int scales() {
    return tokeniser.schedule.scales();
  }

  /** Returns the architecture of a transformer of this recipe. */
  public VarConfig config(Size size) {
    return new VarConfig(
        size.depth,
        size.width,
        size.heads,
        features.config.classes(),
        AdaLn.SHARED,
        new LatentSpace(
            tokeniser.config.vocabulary(), tokeniser.config.codeChannels(), tokeniser.schedule));
  }

  /** Returns how the result is measured at {@code place}. */
  public PackSettings settings(TrainingPlace place) {
    return new PackSettings(
        GuidanceSchedule.everywhere(quality.guidance, scales()),
        SamplingConfig.uniform(quality.topK, quality.topP, quality.temperature, scales()),
        quality.seeds,
        quality.amounts,
        new PackSettings.Execution(place.precision(), place.device()));
  }

  /** Returns the training of the drafter on all scales. */
  public Part plainDrafter() {
    return plain("drafter", transformers.drafter);
  }

  /** Returns the training of the refiner on all scales. */
  public Part plainRefiner() {
    return plain("refiner", transformers.refiner);
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
        transformers.drafter.size,
        new Objective(0, fineTuning.draftScales, Weighting.EVEN, Curriculum.NONE),
        fineTuning.drafter);
  }

  /** Returns the refiner's fine-tuning by the drafter as its teacher. */
  public Part specialRefiner() {
    Weighting weighting = new Weighting(fineTuning.draftScales, Course.ANNEALED);
    return new Part(
        "refiner-n" + fineTuning.draftScales,
        transformers.refiner.size,
        new Objective(0, scales(), weighting, Curriculum.NONE),
        fineTuning.refiner);
  }

  /** Returns the same steps of ordinary training for the drafter. */
  public Part controlDrafter() {
    return new Part(
        "drafter-control", transformers.drafter.size, Objective.all(scales()), fineTuning.drafter);
  }

  /** Returns the same steps of ordinary training for the refiner. */
  public Part controlRefiner() {
    return new Part(
        "refiner-control", transformers.refiner.size, Objective.all(scales()), fineTuning.refiner);
  }

  /** Returns the refiner's training on the last scales alone. */
  public Part lastScalesRefiner() {
    int first = scales() - fineTuning.lastScales;
    return new Part(
        "refiner-last" + fineTuning.lastScales,
        transformers.refiner.size,
        new Objective(first, scales(), Weighting.EVEN, Curriculum.NONE),
        fineTuning.last);
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
        lastScalesRefiner());
  }

  /** Returns the trainings whose transformers are in the pack. */
  public List<Part> shipped() {
    return parts().subList(0, 4);
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
        new Transformers(
            scaled(transformers.drafter, factor), scaled(transformers.refiner, factor)),
        new FineTuning(
            fineTuning.draftScales,
            scaled(fineTuning.drafter, factor),
            scaled(fineTuning.refiner, factor),
            fineTuning.lastScales,
            scaled(fineTuning.last, factor)),
        quality);
  }

  private static Transformer scaled(Transformer transformer, double factor) {
    return new Transformer(
        transformer.size, scaled(transformer.pace, factor), transformer.curriculum);
  }

  private static Pace scaled(Pace pace, double factor) {
    LearningRate rate = pace.learningRate();
    return new Pace(
        Math.max(1, Math.round(pace.steps() * factor)),
        pace.batch(),
        rate(rate.peak(), Math.round(rate.warmUpSteps() * factor), rate.endFraction()),
        pace.decay(),
        pace.seed(),
        pace.largestPart());
  }
}
