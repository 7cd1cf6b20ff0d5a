package io.tandem.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.dataset.ShapeImages;
import io.tandem.job.DemoPack.PackedFile;
import io.tandem.job.DemoRecipe.Part;
import io.tandem.job.TrainingRun.Outcome;
import io.tandem.job.TransformerStage.Lesson;
import io.tandem.job.TransformerStage.Share;
import io.tandem.job.TransformerStage.Student;
import io.tandem.job.TransformerStage.Teaching;
import io.tandem.kernel.TransformerTrainingKernel.Divergence;
import io.tandem.train.FeatureTraining;
import io.tandem.train.TokenSet;
import io.tandem.train.TokeniserTraining;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
  private static final String QUALITY = "quality.json";

  private final DemoRecipe recipe;
  private final TrainingRun run;
  private final TrainingPlace place;
  private final Measurement measurement;

  /** Measures the finished pack, which takes long. */
  @FunctionalInterface
  public interface Measurement {

    /** Measures nothing. */
    Measurement NONE = (models, run, place) -> Optional.empty();

    /**
     * Returns the figures, to be stored; empty if none are taken.
     *
     * @param run to be told how far it is
     * @param place where models run
     */
    Optional<Record> measure(Models models, TrainingRun run, TrainingPlace place);
  }

  /**
   * What there is to measure.
   *
   * @param pack the pack, complete but for its record
   * @param recipe by which it was made
   * @param studies weights that are not in the pack, by stage: {@code drafter-control}, {@code
   *     refiner-control}, {@code refiner-scales-8-10}
   */
  public record Models(DemoPack pack, DemoRecipe recipe, Map<String, Path> studies) {}

  /**
   * The record of a pack, {@code pack.json}.
   *
   * @param origin who made it
   * @param recipe seeds, steps and everything else that was chosen
   * @param images names the pictures
   * @param stages the record of each
   * @param files size and digest of each file
   * @param quality measured figures, if they were taken
   */
  private record PackRecord(
      StageRecord.Origin origin,
      DemoRecipe recipe,
      String images,
      List<JsonNode> stages,
      Map<String, PackedFile> files,
      Optional<JsonNode> quality) {}

  /** Figures of the pack with these files. */
  private record Quality(Map<String, PackedFile> files, Record quality) {}

  /**
   * Prepares a run.
   *
   * @param run in whose folder the stages and the pack are
   */
  public DemoTraining(
      DemoRecipe recipe, TrainingRun run, TrainingPlace place, Measurement measurement) {
    this.recipe = recipe;
    this.run = run;
    this.place = place;
    this.measurement = measurement;
  }

  /**
   * Runs what is left.
   *
   * @return STOPPED if the run was asked to stop, else TRAINED
   * @throws io.tandem.base.UserError if the folder is of another run or cannot be written, or a
   *     loss is not finite
   */
  public Outcome run() {
    try {
      return features() == Outcome.STOPPED
              || tokenizer() == Outcome.STOPPED
              || transformers() == Outcome.STOPPED
          ? Outcome.STOPPED
          : pack();
    } catch (TrainingRun.StoppedException e) {
      return Outcome.STOPPED;
    }
  }

  private TrainingImages images() {
    return TrainingImages.shapes(
        recipe.images().seed(), recipe.images().count(), recipe.imageSide());
  }

  private Outcome features() {
    FeatureTraining.Settings settings =
        new FeatureTraining.Settings(recipe.features().config(), recipe.features().pace());
    try (FeatureTraining task = new FeatureTraining(settings, images().learned(), place.device())) {
      return run.run(new Stage(task, settings, Optional.empty(), Map.of(), Optional.empty()));
    }
  }

  private Outcome tokenizer() {
    TokeniserTraining.Settings settings =
        new TokeniserTraining.Settings(
            recipe.tokeniser().config(),
            recipe.tokeniser().schedule(),
            recipe.tokeniser().pace(),
            recipe.tokeniser().losses(),
            place.precision());
    try (TokenizerStage stage = TokenizerStage.open(settings, images(), place)) {
      return run.run(stage.stage());
    }
  }

  private Outcome transformers() {
    try (WeightSource tokeniser = weights(TOKENIZER)) {
      TokenisedImages images =
          new TokenisedImages(images(), tokeniser, recipe.tokeniser().schedule(), place);
      return new Transformers(images, images.tokens(run)).run();
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

    Outcome run() {
      if (isStopped(recipe.plainDrafter()) || isStopped(recipe.plainRefiner())) {
        return Outcome.STOPPED;
      }
      try (WeightSource drafter = weights(recipe.plainDrafter().name());
          WeightSource refiner = weights(recipe.plainRefiner().name())) {
        boolean isStopped =
            areSpecialsStopped(drafter, refiner) || areStudiesStopped(drafter, refiner);
        return isStopped ? Outcome.STOPPED : Outcome.TRAINED;
      }
    }

    private boolean areSpecialsStopped(WeightSource drafter, WeightSource refiner) {
      Part first = recipe.specialDrafter();
      int drafted = first.objective().end();
      Student large = Student.from(drafter).with(new Share(0, drafted, refiner));
      if (isStopped(first, large, Optional.empty())) {
        return true;
      }
      try (WeightSource special = weights(first.name())) {
        int scales = images.schedule().scales();
        Student small = Student.from(refiner).with(new Share(drafted, scales, special));
        Teaching teaching = new Teaching(drafter, Divergence.TEACHER_STUDENT, 1);
        return isStopped(recipe.specialRefiner(), small, Optional.of(teaching));
      }
    }

    private boolean areStudiesStopped(WeightSource drafter, WeightSource refiner) {
      Part late = recipe.lateRefiner();
      Share share = new Share(late.objective().first(), late.objective().end(), drafter);
      return isStopped(recipe.controlDrafter(), Student.from(drafter), Optional.empty())
          || isStopped(recipe.controlRefiner(), Student.from(refiner), Optional.empty())
          || isStopped(late, Student.from(refiner).with(share), Optional.empty());
    }

    private boolean isStopped(Part part) {
      return isStopped(part, Student.initial(recipe.config(part.size())), Optional.empty());
    }

    /** Runs a part and says whether it was stopped. */
    private boolean isStopped(Part part, Student student, Optional<Teaching> teaching) {
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
        return run.run(stage.stage()) == Outcome.STOPPED;
      }
    }
  }

  private WeightSource weights(String stage) {
    return WeightFiles.open(run.folder().weights(stage).toString());
  }

  private Outcome pack() {
    DemoPack pack = new DemoPack(run.folder().path("pack"));
    pack.add(DemoPack.TOKENISER, run.folder().weights(TOKENIZER));
    for (Part part :
        List.of(
            recipe.plainDrafter(),
            recipe.plainRefiner(),
            recipe.specialDrafter(),
            recipe.specialRefiner())) {
      pack.add(part.name(), run.folder().weights(part.name()));
    }
    pack.add(DemoPack.FEATURES, run.folder().weights(DemoPack.FEATURES));
    DemoRecipe.Images chosen = recipe.images();
    ShapeImages reference =
        ShapeImages.of(chosen.referenceSeed(), recipe.imageSide(), chosen.referenceCount());
    pack.addReference(reference, place.device(), run.counter("reference", reference.size()));
    Optional<JsonNode> quality = quality(pack);
    JsonFile.write(
        pack.folder().resolve(DemoPack.RECORD),
        new PackRecord(
            run.conditions().origin(),
            recipe,
            images().learned().identity(),
            records(),
            pack.files(),
            quality));
    say(pack);
    return Outcome.TRAINED;
  }

  private List<JsonNode> records() {
    List<String> stages = new ArrayList<>(List.of(DemoPack.FEATURES, TOKENIZER));
    recipe.parts().forEach(part -> stages.add(part.name()));
    return stages.stream().map(stage -> JsonText.read(run.folder().record(stage))).toList();
  }

  private void say(DemoPack pack) {
    long bytes = pack.files().values().stream().mapToLong(PackedFile::bytes).sum();
    run.say(
        "pack: %.1f MB in '%s'%s",
        bytes / 1e6,
        pack.folder(),
        bytes > DemoRecipe.MOST_BYTES
            ? ", more than the %.0f MB that the jar carries".formatted(DemoRecipe.MOST_BYTES / 1e6)
            : "");
  }

  /** Takes the figures, unless they were taken of the same files before. */
  private Optional<JsonNode> quality(DemoPack pack) {
    Path file = run.folder().path(QUALITY);
    Map<String, PackedFile> files = pack.files();
    if (Files.exists(file)) {
      JsonNode stored = JsonText.read(file);
      if (sha256(stored.path("files")).equals(sha256(files))) {
        return Optional.of(stored.path("quality"));
      }
    }
    Map<String, Path> studies = new LinkedHashMap<>();
    for (Part part :
        List.of(recipe.controlDrafter(), recipe.controlRefiner(), recipe.lateRefiner())) {
      studies.put(part.name(), run.folder().weights(part.name()));
    }
    Optional<Record> measured = measurement.measure(new Models(pack, recipe, studies), run, place);
    measured.ifPresent(figures -> JsonFile.write(file, new Quality(files, figures)));
    return measured.map(figures -> JsonText.read(file).path("quality"));
  }

  private static Map<String, String> sha256(Map<String, PackedFile> files) {
    Map<String, String> digests = new HashMap<>();
    files.forEach((name, file) -> digests.put(name, file.sha256()));
    return digests;
  }

  private static Map<String, String> sha256(JsonNode files) {
    Map<String, String> digests = new HashMap<>();
    files
        .fields()
        .forEachRemaining(
            file -> digests.put(file.getKey(), file.getValue().path("sha256").asText()));
    return digests;
  }
}
