package io.tandem.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.dataset.ShapeImages;
import io.tandem.features.FeatureNetwork;
import io.tandem.job.DemoPack.PackedFile;
import io.tandem.job.DemoRecipe.Part;
import io.tandem.job.TrainingRun.Outcome;
import io.tandem.job.TransformerStage.Lesson;
import io.tandem.job.TransformerStage.Share;
import io.tandem.job.TransformerStage.Student;
import io.tandem.job.TransformerStage.Teaching;
import io.tandem.kernel.TransformerTrainingKernel.Divergence;
import io.tandem.pack.FeatureReader;
import io.tandem.pack.PackModels;
import io.tandem.pack.PackQuality;
import io.tandem.pack.QualityReport;
import io.tandem.pack.ReferenceStatistics;
import io.tandem.train.FeatureTraining;
import io.tandem.train.TokenSet;
import io.tandem.train.TokeniserTraining;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the demo pack from nothing, stage by stage: feature network, tokeniser, tokens, drafter,
 * refiner, the pair fine-tuned for each other, a control that got the same extra steps of ordinary
 * training, the refiner fine-tuned on the last scales alone; then the pack with reference
 * statistics and measured quality.
 *
 * <p>Finished stages are skipped, so the same call goes on where another one stopped.
 */
public final class DemoTraining {

  private static final String TOKENIZER = "tokenizer";

  /** Folder of all models in half precision: what is measured. */
  private static final String MODELS = "models";

  /** Folder of reference statistics, samples of all points and parts of the measurement. */
  private static final String QUALITY = "quality";

  /** Folder of what the jar carries. */
  private static final String PACK = "pack";

  private static final String RECORD = "pack.json";

  private final DemoRecipe recipe;
  private final TrainingRun run;
  private final TrainingPlace place;
  private final Figures figures;

  /** Whether the finished pack is measured, which takes long. */
  public enum Figures {
    /** All of them. */
    TAKEN,
    /** None but the reference statistics. */
    SKIPPED
  }

  /**
   * What a run came to.
   *
   * @param outcome STOPPED if the run was asked to stop, else TRAINED
   * @param quality what was measured, if it was
   */
  public record Result(Outcome outcome, Optional<QualityReport> quality) {}

  /**
   * The record of a pack, {@code pack.json}.
   *
   * @param origin who made it
   * @param recipe seeds, steps and everything else that was chosen
   * @param images names the pictures
   * @param stages the record of each
   * @param files size and digest of each file
   * @param quality what was measured, if it was
   */
  private record PackRecord(
      StageRecord.Origin origin,
      DemoRecipe recipe,
      String images,
      List<JsonNode> stages,
      Map<String, PackedFile> files,
      Optional<QualityReport> quality) {}

  /**
   * Prepares a run.
   *
   * @param run in whose folder the stages and the pack are
   */
  public DemoTraining(DemoRecipe recipe, TrainingRun run, TrainingPlace place, Figures figures) {
    this.recipe = recipe;
    this.run = run;
    this.place = place;
    this.figures = figures;
  }

  /**
   * Runs what is left.
   *
   * @throws io.tandem.base.UserError if the folder is of another run or cannot be written, or a
   *     loss is not finite
   */
  public Result run() {
    try {
      trainFeatures();
      trainTokenizer();
      trainTransformers();
      return new Result(Outcome.TRAINED, pack());
    } catch (TrainingRun.StoppedException e) {
      return new Result(Outcome.STOPPED, Optional.empty());
    }
  }

  /** Runs a stage to its end, or ends all of them. */
  private void train(Stage stage) {
    if (run.run(stage) == Outcome.STOPPED) {
      throw new TrainingRun.StoppedException(stage.name());
    }
  }

  private TrainingImages images() {
    return TrainingImages.shapes(
        recipe.images().seed(), recipe.images().count(), recipe.imageSide());
  }

  private void trainFeatures() {
    FeatureTraining.Settings settings =
        new FeatureTraining.Settings(recipe.features().config(), recipe.features().pace());
    try (FeatureTraining task = new FeatureTraining(settings, images().learned(), place.device())) {
      train(new Stage(task, settings, Optional.empty(), Map.of(), Optional.empty()));
    }
  }

  private void trainTokenizer() {
    TokeniserTraining.Settings settings =
        new TokeniserTraining.Settings(
            recipe.tokeniser().config(),
            recipe.tokeniser().schedule(),
            recipe.tokeniser().pace(),
            recipe.tokeniser().losses(),
            place.precision());
    try (TokenizerStage stage = TokenizerStage.open(settings, images(), place)) {
      train(stage.stage());
    }
  }

  private void trainTransformers() {
    try (WeightSource tokeniser = weights(TOKENIZER)) {
      TokenisedImages images =
          new TokenisedImages(images(), tokeniser, recipe.tokeniser().schedule(), place);
      new Transformers(images, images.tokens(run)).train();
    }
  }

  /** The stages that learn from tokens. */
  private final class Transformers {

    private final TokenisedImages images;
    private final TokenSet tokens;

    Transformers(TokenisedImages images, TokenSet tokens) {
      this.images = images;
      this.tokens = tokens;
    }

    void train() {
      for (Part part : List.of(recipe.plainDrafter(), recipe.plainRefiner())) {
        train(part, Student.initial(recipe.config(part.size())), Optional.empty());
      }
      try (WeightSource drafter = weights(recipe.plainDrafter().name());
          WeightSource refiner = weights(recipe.plainRefiner().name())) {
        trainSpecialists(drafter, refiner);
        trainForComparison(drafter, refiner);
      }
    }

    private void trainSpecialists(WeightSource drafter, WeightSource refiner) {
      Part first = recipe.specialDrafter();
      int drafted = first.objective().end();
      train(first, Student.from(drafter).with(new Share(0, drafted, refiner)), Optional.empty());
      try (WeightSource special = weights(first.name())) {
        train(
            recipe.specialRefiner(),
            Student.from(refiner).with(new Share(drafted, images.schedule().scales(), special)),
            Optional.of(new Teaching(drafter, Divergence.TEACHER_STUDENT, 1)));
      }
    }

    private void trainForComparison(WeightSource drafter, WeightSource refiner) {
      train(recipe.controlDrafter(), Student.from(drafter), Optional.empty());
      train(recipe.controlRefiner(), Student.from(refiner), Optional.empty());
      Part last = recipe.lastScalesRefiner();
      Share share = new Share(last.objective().first(), last.objective().end(), drafter);
      train(last, Student.from(refiner).with(share), Optional.empty());
    }

    private void train(Part part, Student student, Optional<Teaching> teaching) {
      Lesson lesson =
          new Lesson(
              part.name(),
              student,
              part.objective(),
              teaching,
              part.pace(),
              DemoRecipe.LABEL_DROPOUT);
      lesson.check(images);
      try (TransformerStage stage = TransformerStage.open(lesson, images, tokens)) {
        DemoTraining.this.train(stage.stage());
      }
    }
  }

  private WeightSource weights(String stage) {
    return WeightFiles.open(run.folder().weights(stage).toString());
  }

  /** Puts the pack together and says what it is worth. */
  private Optional<QualityReport> pack() {
    DemoPack models = new DemoPack(run.folder().path(MODELS));
    List<String> names = images().learned().classNames();
    models.addRounded(DemoPack.TOKENISER, run.folder().weights(TOKENIZER), names);
    models.addRounded(DemoPack.FEATURES, run.folder().weights(DemoPack.FEATURES), names);
    recipe
        .parts()
        .forEach(part -> models.addRounded(part.name(), run.folder().weights(part.name()), names));
    Path measured = run.folder().path(QUALITY);
    Optional<QualityReport> quality = Optional.empty();
    if (figures == Figures.TAKEN) {
      try (PackModels sources = PackModels.open(models.folder())) {
        quality =
            Optional.of(
                PackQuality.measure(sources, recipe.settings(place), measured, this::progress));
      }
    } else {
      writeReference(models, measured);
    }
    DemoPack pack = new DemoPack(run.folder().path(PACK));
    pack.addCopy(models.weights(DemoPack.TOKENISER));
    recipe.shipped().forEach(part -> pack.addCopy(models.weights(part.name())));
    pack.addCopy(models.weights(DemoPack.FEATURES));
    pack.addCopy(measured.resolve(PackQuality.REFERENCE));
    JsonFile.write(
        pack.folder().resolve(RECORD),
        new PackRecord(
            run.conditions().origin(),
            recipe,
            images().learned().identity(),
            records(),
            pack.files(),
            quality));
    run.say(
        "pack: %.1f MB in '%s'%s",
        pack.bytes() / 1e6,
        pack.folder(),
        pack.bytes() > DemoRecipe.MOST_BYTES
            ? ", more than the %.0f MB that the jar carries".formatted(DemoRecipe.MOST_BYTES / 1e6)
            : "");
    return quality;
  }

  private void writeReference(DemoPack models, Path folder) {
    ShapeImages pictures =
        ShapeImages.of(
            recipe.quality().seeds().reference(),
            recipe.imageSide(),
            recipe.quality().amounts().referenceImages());
    try (WeightSource source = WeightFiles.open(models.weights(DemoPack.FEATURES).toString());
        FeatureNetwork network = FeatureNetwork.load(source, place.device())) {
      FeatureReader reader = new FeatureReader(network, source.sha256(), place.device());
      ReferenceStatistics.write(
          folder.resolve(PackQuality.REFERENCE),
          pictures,
          reader,
          folder.resolve(PackQuality.WORK),
          this::progress);
    }
  }

  private void progress(String line) {
    run.conditions().progress().said(line);
    run.checkStop(QUALITY);
  }

  private List<JsonNode> records() {
    List<String> stages = new ArrayList<>(List.of(DemoPack.FEATURES, TOKENIZER));
    recipe.parts().forEach(part -> stages.add(part.name()));
    return stages.stream().map(stage -> JsonText.read(run.folder().record(stage))).toList();
  }
}
