package io.tandem.report;

import io.tandem.job.DemoRecipe;
import io.tandem.job.TokenisedImages;
import io.tandem.job.TrainingImages;
import io.tandem.job.TrainingPlace;
import io.tandem.job.TransformerStage.Lesson;
import io.tandem.kernel.TokeniserTrainingKernel.LossWeights;
import io.tandem.model.AdaLn;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.train.LearningRate;
import io.tandem.train.Objective;
import io.tandem.train.Objective.Course;
import io.tandem.train.Objective.Curriculum;
import io.tandem.train.Objective.Weighting;
import io.tandem.train.Pace;
import io.tandem.train.TokeniserTraining;
import io.tandem.train.TrainingCost;
import io.tandem.weights.WeightSource;
import java.util.Locale;

/** What a training is about to do, as lines for a terminal, each ended. */
public final class TrainingText {

  private TrainingText() {}

  /** Returns the settings of a tokeniser's training. */
  public static String of(TokeniserTraining.Settings settings, TrainingImages images) {
    StringBuilder text = new StringBuilder();
    line(text, "images     %s", images.learned().identity());
    line(text, "model      tokeniser, %s; sides %s", of(settings.config()), settings.schedule());
    LossWeights losses = settings.weights();
    line(
        text,
        "losses     squared error %s, absolute error %s, codebook %s, commitment %s",
        losses.squaredError(),
        losses.absoluteError(),
        losses.codebook(),
        losses.commitment());
    line(text, "pace       %s", of(settings.pace()));
    return text.toString();
  }

  /** Returns the settings of a transformer's training. */
  public static String of(Lesson lesson, TokenisedImages images) {
    StringBuilder text = new StringBuilder();
    line(text, "images     %s", images.images().learned().identity());
    line(text, "tokeniser  %s", images.tokeniser().origin());
    line(text, "model      %s", of(lesson.student().config()));
    line(
        text,
        "starts     from %s",
        lesson.student().from().map(WeightSource::origin).orElse("initial weights"));
    lesson
        .teaching()
        .ifPresent(
            teaching ->
                line(
                    text,
                    "teacher    %s, %s at temperature %s",
                    teaching.teacher().origin(),
                    switch (teaching.direction()) {
                      case TEACHER_STUDENT -> "KL(teacher || student)";
                      case STUDENT_TEACHER -> "KL(student || teacher)";
                    },
                    teaching.temperature()));
    line(text, "learns     %s", of(lesson.objective()));
    line(text, "labels     dropped with chance %s", lesson.labelDropout());
    line(text, "pace       %s", of(lesson.pace()));
    return text.toString();
  }

  /** Returns what a step takes. */
  public static String of(TrainingCost cost, Pace pace) {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "size       %,d parameters, %,d tokens in the largest step, %,d steps",
        cost.parameters(),
        cost.tokens(),
        pace.steps());
    line(
        text,
        "memory     about %,.0f MB: weights, gradients and moments %,.0f, activations %,.0f",
        cost.totalBytes() / 1e6,
        cost.stateBytes() / 1e6,
        cost.activationBytes() / 1e6);
    return text.toString();
  }

  /** Returns the stages of the demo pack. */
  public static String of(DemoRecipe recipe, TrainingPlace place) {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "images     %,d shapes of side %d, seed %d",
        recipe.images().count(),
        recipe.imageSide(),
        recipe.images().seed());
    line(
        text,
        "%s",
        stage(
            "features",
            TrainingCost.of(
                recipe.features().config(), recipe.imageSide(), recipe.features().pace().batch()),
            recipe.features().pace()));
    line(
        text,
        "%s",
        stage(
            "tokenizer",
            TrainingCost.of(
                recipe.tokeniser().config(),
                recipe.tokeniser().schedule(),
                recipe.tokeniser().pace(),
                place.precision()),
            recipe.tokeniser().pace()));
    for (DemoRecipe.Part part : recipe.parts()) {
      TrainingCost cost =
          TrainingCost.of(
              recipe.config(part.size()), part.objective(), part.pace(), place.precision());
      line(text, "%s; %s", stage(part.name(), cost, part.pace()), of(part.objective()));
    }
    line(
        text,
        "quality    %,d images a point, %,d of reference",
        recipe.quality().amounts().images(),
        recipe.quality().amounts().referenceImages());
    return text.toString();
  }

  private static String stage(String name, TrainingCost cost, Pace pace) {
    return String.format(
        Locale.ROOT,
        "%-20s %,d parameters, about %,.0f MB; %s",
        name,
        cost.parameters(),
        cost.totalBytes() / 1e6,
        of(pace));
  }

  private static String of(Pace pace) {
    LearningRate rate = pace.learningRate();
    return String.format(
        Locale.ROOT,
        "%,d steps of %d images%s, rate %s (%,d steps of warm-up, %s of it at the end), decay %s,"
            + " seed %s",
        pace.steps(),
        pace.batch(),
        pace.largestPart() < pace.batch() ? ", %d at once".formatted(pace.largestPart()) : "",
        rate.peak(),
        rate.warmUpSteps(),
        rate.endFraction(),
        pace.decay(),
        Long.toUnsignedString(pace.seed()));
  }

  private static String of(Objective objective) {
    StringBuilder text = new StringBuilder();
    text.append("scales %d to %d".formatted(objective.first() + 1, objective.end()));
    Weighting weighting = objective.weighting();
    if (weighting.draftScales() > 0) {
      text.append(
          ", the first %d with a weight from 1 to 0, %s"
              .formatted(
                  weighting.draftScales(),
                  weighting.course() == Course.ANNEALED ? "linearly" : "at half of the steps"));
    }
    Curriculum curriculum = objective.curriculum();
    if (!curriculum.equals(Curriculum.NONE)) {
      text.append(
          "; of each %d steps %d learn the first %d alone, from %d images"
              .formatted(
                  curriculum.period(),
                  curriculum.period() - 1,
                  curriculum.coarseScales(),
                  curriculum.coarseBatch()));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... args) {
    text.append(String.format(Locale.ROOT, format, args)).append(System.lineSeparator());
  }

  private static String of(VqConfig config) {
    return ("%d channels x %s, residual blocks %d per level, %d codes of %d channels, %d residual"
            + " convolutions")
        .formatted(
            config.baseChannels(),
            config.multipliers(),
            config.residualBlocks(),
            config.vocabulary(),
            config.codeChannels(),
            config.residualConvolutions());
  }

  private static String of(VarConfig config) {
    return ("transformer, depth %d, width %d, heads %d, %s AdaLN, %d classes, %d codes of %d"
            + " channels; sides %s")
        .formatted(
            config.depth(),
            config.width(),
            config.heads(),
            config.adaLn() == AdaLn.SHARED ? "shared" : "per-block",
            config.classes(),
            config.latent().vocabulary(),
            config.latent().channels(),
            config.schedule());
  }
}
