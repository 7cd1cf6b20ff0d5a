package io.tandem.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.dataset.ShapeImages;
import io.tandem.job.DemoPack.PackedFile;
import io.tandem.job.DemoRecipe.FineTuning;
import io.tandem.job.DemoRecipe.Transformer;
import io.tandem.job.TrainingRun.Outcome;
import io.tandem.job.TransformerStage.Lesson;
import io.tandem.job.TransformerStage.Share;
import io.tandem.job.TransformerStage.Student;
import io.tandem.job.TransformerStage.Teaching;
import io.tandem.kernel.TransformerTrainingKernel.Divergence;
import io.tandem.model.VarConfig;
import io.tandem.train.FeatureTraining;
import io.tandem.train.Objective;
import io.tandem.train.Objective.Course;
import io.tandem.train.Objective.Curriculum;
import io.tandem.train.Objective.Weighting;
import io.tandem.train.Pace;
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
  private static final String DRAFTER = "drafter";
  private static final String REFINER = "refiner";
  private static final String QUALITY = "quality.json";

  private final DemoRecipe recipe;
  private final TrainingRun run;
  private final TrainingPlace place;
  private final Measurement measurement;

  /** Measures the finished pack, which takes long. */
  @FunctionalInterface
  public interface Measurement {

    /** Measures nothing. */
    Measurement NONE = (models, place) -> Optional.empty();

    /** Returns the figures, to be stored; empty if none are taken. */
    Optional<Record> measure(Models models, TrainingPlace place);
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
    private final FineTuning tuning = recipe.fineTuning();
    private final int scales = recipe.tokeniser().schedule().scales();

    Transformers(TokenisedImages images, TokenSet tokens) {
      this.images = images;
      this.tokens = tokens;
    }

    Outcome run() {
      if (initial(DRAFTER, recipe.drafter()) == Outcome.STOPPED
          || initial(REFINER, recipe.refiner()) == Outcome.STOPPED) {
        return Outcome.STOPPED;
      }
      try (WeightSource drafter = weights(DRAFTER);
          WeightSource refiner = weights(REFINER)) {
        return specialists(drafter, refiner) == Outcome.STOPPED
            ? Outcome.STOPPED
            : studies(drafter, refiner);
      }
    }

    private Outcome initial(String name, Transformer transformer) {
      VarConfig config = recipe.config(transformer.size());
      Objective objective = new Objective(0, scales, Weighting.EVEN, transformer.curriculum());
      return train(name, Student.initial(config), objective, transformer.pace());
    }

    private Outcome specialists(WeightSource drafter, WeightSource refiner) {
      String drafterName = tuned(DRAFTER);
      Outcome outcome =
          train(
              drafterName,
              Student.from(drafter).with(new Share(0, tuning.draftScales(), refiner)),
              learning(0, tuning.draftScales()),
              tuning.drafter());
      if (outcome == Outcome.STOPPED) {
        return outcome;
      }
      try (WeightSource specialist = weights(drafterName)) {
        Objective annealed =
            new Objective(
                0, scales, new Weighting(tuning.draftScales(), Course.ANNEALED), Curriculum.NONE);
        return train(
            new Lesson(
                tuned(REFINER),
                Student.from(refiner).with(new Share(tuning.draftScales(), scales, specialist)),
                annealed,
                Optional.of(new Teaching(drafter, Divergence.TEACHER_STUDENT, 1)),
                tuning.refiner(),
                DemoRecipe.LABEL_DROPOUT));
      }
    }

    private Outcome studies(WeightSource drafter, WeightSource refiner) {
      Objective all = Objective.all(scales);
      Objective late = learning(tuning.lateScales() - 1, scales);
      boolean isStopped =
          train(control(DRAFTER), Student.from(drafter), all, tuning.drafter()) == Outcome.STOPPED
              || train(control(REFINER), Student.from(refiner), all, tuning.refiner())
                  == Outcome.STOPPED
              || train(
                      late(),
                      Student.from(refiner).with(new Share(late.first(), scales, drafter)),
                      late,
                      tuning.late())
                  == Outcome.STOPPED;
      return isStopped ? Outcome.STOPPED : Outcome.TRAINED;
    }

    private static Objective learning(int first, int end) {
      return new Objective(first, end, Weighting.EVEN, Curriculum.NONE);
    }

    private Outcome train(String name, Student student, Objective objective, Pace pace) {
      return train(
          new Lesson(name, student, objective, Optional.empty(), pace, DemoRecipe.LABEL_DROPOUT));
    }

    private Outcome train(Lesson lesson) {
      lesson.check(images);
      try (TransformerStage stage = TransformerStage.open(lesson, images, tokens)) {
        return run.run(stage.stage());
      }
    }
  }

  private String tuned(String name) {
    return name + "-n" + recipe.fineTuning().draftScales();
  }

  private static String control(String name) {
    return name + "-control";
  }

  private String late() {
    return "%s-scales-%d-%d"
        .formatted(
            REFINER, recipe.fineTuning().lateScales(), recipe.tokeniser().schedule().scales());
  }

  private WeightSource weights(String stage) {
    return WeightFiles.open(run.folder().weights(stage).toString());
  }

  private Outcome pack() {
    DemoPack pack = new DemoPack(run.folder().path("pack"));
    Map<String, String> stages = new LinkedHashMap<>();
    stages.put(DemoPack.TOKENISER, TOKENIZER);
    for (String name : List.of(DRAFTER, REFINER, tuned(DRAFTER), tuned(REFINER))) {
      stages.put(name, name);
    }
    stages.put(DemoPack.FEATURES, DemoPack.FEATURES);
    stages.forEach((name, stage) -> pack.add(name, run.folder().weights(stage)));
    ShapeImages reference =
        ShapeImages.of(
            recipe.images().referenceSeed(), recipe.imageSide(), recipe.images().referenceCount());
    pack.addReference(reference, place.device(), run.counter("reference", reference.size()));
    Optional<JsonNode> quality = quality(pack);
    List<JsonNode> records = new ArrayList<>();
    List<String> all = new ArrayList<>(stages.values());
    all.addAll(List.of(control(DRAFTER), control(REFINER), late()));
    all.forEach(stage -> records.add(JsonText.read(run.folder().record(stage))));
    JsonFile.write(
        pack.folder().resolve(DemoPack.RECORD),
        new PackRecord(
            run.conditions().origin(),
            recipe,
            images().learned().identity(),
            records,
            pack.files(),
            quality));
    say(pack);
    return Outcome.TRAINED;
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
    Map<String, Path> studies = new HashMap<>();
    for (String stage : List.of(control(DRAFTER), control(REFINER), late())) {
      studies.put(stage, run.folder().weights(stage));
    }
    Optional<Record> measured = measurement.measure(new Models(pack, recipe, studies), place);
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
