package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.Checks;
import io.tandem.kernel.TrainingTensors;
import io.tandem.kernel.TransformerTrainingKernel.Divergence;
import io.tandem.kernel.TransformerTrainingKernel.FrozenQuantizer;
import io.tandem.kernel.TransformerTrainingKernel.Teacher;
import io.tandem.model.LatentSpace;
import io.tandem.model.NumberFormat;
import io.tandem.model.Precision;
import io.tandem.model.VarConfig;
import io.tandem.train.InitialWeights;
import io.tandem.train.Objective;
import io.tandem.train.Pace;
import io.tandem.train.TokenSet;
import io.tandem.train.TrainingCost;
import io.tandem.train.TrainingWeights;
import io.tandem.train.TransformerTraining;
import io.tandem.weights.ClassNames;
import io.tandem.weights.VarCheckpoint;
import io.tandem.weights.VqCheckpoint;
import io.tandem.weights.WeightNames;
import io.tandem.weights.WeightSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A transformer in training, with all that it needs; the caller closes it. */
public final class TransformerStage implements AutoCloseable {

  private static final String INITIAL = "initial weights";

  private final FrozenQuantizer quantizer;
  private final Optional<Teacher> teacher;
  private final TransformerTraining task;
  private final Stage stage;

  /**
   * What learns.
   *
   * @param config its architecture
   * @param from where its weights come from; empty to start from initial ones
   * @param share what it decodes on sheets of samples; empty for the scales that it learns
   */
  public record Student(VarConfig config, Optional<WeightSource> from, Optional<Share> share) {

    /** Returns one that starts from initial weights. */
    public static Student initial(VarConfig config) {
      return new Student(config, Optional.empty(), Optional.empty());
    }

    /**
     * Returns one that goes on from a checkpoint, which stays open.
     *
     * @throws io.tandem.base.UserError if {@code from} is no transformer
     */
    public static Student from(WeightSource from) {
      return new Student(VarCheckpoint.config(from), Optional.of(from), Optional.empty());
    }

    /** Returns the same one, shown together with another model. */
    public Student with(Share other) {
      return new Student(config, from, Optional.of(other));
    }
  }

  /**
   * How a student and another model share the scales of a sample.
   *
   * @param first the first scale of the student, from 0
   * @param end the scale after its last one
   * @param other decodes the others; stays open
   */
  public record Share(int first, int end, WeightSource other) {}

  /**
   * Whom it learns from, in place of the tokens.
   *
   * @param teacher a transformer, which stays open
   * @param direction of the divergence
   * @param temperature of both models
   */
  public record Teaching(WeightSource teacher, Divergence direction, double temperature) {

    public Teaching {
      check(
          temperature > 0 && temperature < Double.POSITIVE_INFINITY,
          "Cannot learn from a teacher at temperature %s (a number above 0)",
          temperature);
    }
  }

  /**
   * What is to be done.
   *
   * @param name of the stage
   * @param student what learns
   * @param objective which scales it learns
   * @param teaching whom it learns from; empty to learn the tokens
   * @param pace steps, batch, rate and seed
   * @param labelDropout chance that an image loses its label
   */
  public record Lesson(
      String name,
      Student student,
      Objective objective,
      Optional<Teaching> teaching,
      Pace pace,
      double labelDropout) {

    /**
     * Passes if student, teacher, tokeniser and pictures fit together.
     *
     * @throws io.tandem.base.UserError otherwise
     */
    public void check(TokenisedImages images) {
      checkTokeniser(images);
      checkClasses(images);
      if (teaching.isPresent()) {
        checkTeacher(teaching.get().teacher);
      }
    }

    private void checkTokeniser(TokenisedImages images) {
      LatentSpace needed = student.config.latent();
      LatentSpace found = images.latent();
      Checks.check(
          needed.vocabulary() == found.vocabulary() && needed.channels() == found.channels(),
          "Cannot train on tokens of '%s': it has %d codes of %d channels (the transformer needs %d"
              + " of %d). Pass the --vae that the transformer was trained on.",
          images.tokeniser().origin(),
          found.vocabulary(),
          found.channels(),
          needed.vocabulary(),
          needed.channels());
    }

    private void checkClasses(TokenisedImages images) {
      int found = images.images().learned().classNames().size();
      Checks.check(
          found <= student.config.classes(),
          "Cannot train a transformer of %d classes on images of %d classes. Pass images of its"
              + " classes, or train a new one.",
          student.config.classes(),
          found);
    }

    private void checkTeacher(WeightSource teacher) {
      VarConfig config = VarCheckpoint.config(teacher);
      VarConfig own = student.config;
      Checks.check(
          config.schedule().equals(own.schedule()),
          "Cannot learn from the teacher '%s': its scales have the sides %s, the student's %s (the"
              + " same are needed). Pass a teacher that was trained on the same scales.",
          teacher.origin(),
          config.schedule(),
          own.schedule());
      Checks.check(
          config.latent().equals(own.latent()),
          "Cannot learn from the teacher '%s': its vocabulary has %d codes of %d channels, the"
              + " student's %d of %d (the same are needed). Pass a teacher of the same tokeniser.",
          teacher.origin(),
          config.latent().vocabulary(),
          config.latent().channels(),
          own.latent().vocabulary(),
          own.latent().channels());
      Checks.check(
          config.classes() == own.classes(),
          "Cannot learn from the teacher '%s': it knows %d classes, the student %d (the same are"
              + " needed). Pass a teacher that was trained on the same classes.",
          teacher.origin(),
          config.classes(),
          own.classes());
    }

    /** Returns what a step takes. */
    public TrainingCost cost(Precision precision) {
      TrainingCost cost = TrainingCost.of(student.config, objective, pace, precision);
      return teaching
          .map(teacher -> cost.with(VarCheckpoint.config(teacher.teacher), objective))
          .orElse(cost);
    }

    /** Returns a text that names all weights that come in. */
    private String origin() {
      String origin = student.from.map(from -> "sha256 " + from.sha256()).orElse(INITIAL);
      return teaching
          .map(
              teacher ->
                  "%s, teacher sha256 %s, %s at temperature %s"
                      .formatted(
                          origin, teacher.teacher.sha256(), teacher.direction, teacher.temperature))
          .orElse(origin);
    }
  }

  /**
   * What decides the weights.
   *
   * @param training architecture, objective and pace
   * @param origin names the weights that it starts from, and the teacher
   * @param tokens names pictures and tokeniser
   */
  private record Settings(TransformerTraining.Settings training, String origin, String tokens) {}

  private TransformerStage(Lesson lesson, TokenisedImages images, TokenSet tokens) {
    TransformerTraining.Settings settings =
        new TransformerTraining.Settings(
            lesson.name,
            lesson.student.config,
            lesson.objective,
            lesson.pace,
            lesson.labelDropout,
            images.place().precision());
    String origin = lesson.origin();
    quantizer =
        TrainingWeights.quantizer(
            images.tokeniser(),
            images.schedule(),
            VqCheckpoint.config(images.tokeniser()).residualConvolutions(),
            NumberFormat.FLOAT32,
            images.place().device());
    teacher =
        lesson.teaching.map(
            teaching ->
                new Teacher(
                    weights(teaching.teacher, images), teaching.direction, teaching.temperature));
    task =
        new TransformerTraining(
            settings,
            new TransformerTraining.Models(origin, initial(lesson, images), quantizer, teacher),
            tokens);
    SampleSheet.Cast cast = cast(lesson, images.schedule().scales());
    stage =
        new Stage(
            task,
            new Settings(settings, origin, tokens.identity()),
            Optional.of(lesson.student.config),
            classNames(lesson.student.config, images),
            Optional.of(cast).filter(SampleSheet.Cast::isFull).map(full -> sheet(full, images)));
  }

  private static SampleSheet.Cast cast(Lesson lesson, int scales) {
    Objective objective = lesson.objective;
    return lesson
        .student
        .share
        .map(
            share -> new SampleSheet.Cast(scales, share.first, share.end, Optional.of(share.other)))
        .orElseGet(
            () ->
                new SampleSheet.Cast(scales, objective.first(), objective.end(), Optional.empty()));
  }

  private static StagePictures sheet(SampleSheet.Cast cast, TokenisedImages images) {
    return new SampleSheet(
        images.tokeniser(), cast, images.images().learned().classNames(), images.place());
  }

  /** Prepares a stage on {@code tokens}, which are those of {@code images}. */
  static TransformerStage open(Lesson lesson, TokenisedImages images, TokenSet tokens) {
    return new TransformerStage(lesson, images, tokens);
  }

  /** A transformer may know more classes than it learns; then their names are not all known. */
  private static Map<String, String> classNames(VarConfig config, TokenisedImages images) {
    List<String> names = images.images().learned().classNames();
    return names.size() == config.classes() ? ClassNames.header(names) : Map.of();
  }

  private static TrainingTensors initial(Lesson lesson, TokenisedImages images) {
    return lesson
        .student
        .from
        .map(from -> weights(from, images))
        .orElseGet(
            () ->
                InitialWeights.transformer(
                    lesson.student.config, lesson.pace.seed(), images.place().device()));
  }

  private static TrainingTensors weights(WeightSource source, TokenisedImages images) {
    return TrainingWeights.load(
        source,
        name -> !WeightNames.isIgnorable(name),
        NumberFormat.FLOAT32,
        images.place().device());
  }

  /** Returns the stage, to be run. */
  Stage stage() {
    return stage;
  }

  @Override
  public void close() {
    task.close();
    quantizer.weights().close();
    quantizer.geometry().close();
    teacher.ifPresent(each -> each.weights().close());
  }
}
