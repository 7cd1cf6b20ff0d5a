package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.job.TokenisedImages;
import io.tandem.job.TransformerStage.Lesson;
import io.tandem.job.TransformerStage.Share;
import io.tandem.job.TransformerStage.Student;
import io.tandem.job.TransformerStage.Teaching;
import io.tandem.job.UsualPace;
import io.tandem.kernel.TransformerTrainingKernel.Divergence;
import io.tandem.model.ScaleSchedule;
import io.tandem.train.Objective;
import io.tandem.train.Objective.Course;
import io.tandem.train.Objective.Curriculum;
import io.tandem.train.Objective.Weighting;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem train refiner}: CoDe's fine-tuning of the small model. */
@Command(
    name = "refiner",
    sortOptions = false,
    description = {
      "Fine-tunes a transformer as CoDe's refiner: by the divergence from a teacher on all scales,"
          + " where the weight of the drafter's scales goes from 1 to 0 (arXiv 2411.17787, section"
          + " 3.3)."
    })
final class TrainRefinerCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private TransformerOptions options;
  @Mixin private FineTuningOptions tuning;

  @Option(
      names = "--teacher",
      paramLabel = "MODEL",
      description = "The transformer to learn from: a checkpoint, random:DEPTH or demo:NAME.")
  private String teacher;

  @Option(
      names = "--kl-direction",
      defaultValue = "teacher-student",
      paramLabel = "HOW",
      description = {
        "teacher-student, KL(teacher || student) as the released fragments have it, or"
            + " student-teacher as the paper writes it (default ${DEFAULT-VALUE})."
      })
  private String direction;

  @Option(
      names = "--kl-temperature",
      defaultValue = "1",
      paramLabel = "T",
      description = "Divisor of the logits of both (default ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--two-stage",
      description = {
        "Drop the drafter's scales at half of the steps, as the author describes it, in place of"
            + " the paper's linear course."
      })
  private boolean isTwoStage;

  @Override
  public Integer call() {
    options.check();
    String from = tuning.from();
    check(teacher != null, "Cannot train a refiner without a teacher. Pass --teacher FILE.");
    Divergence divergence = divergence();
    try (WeightSource source = WeightSources.transformer(from);
        WeightSource taught = WeightSources.transformer(teacher)) {
      Student student = Student.from(source);
      Teaching teaching = new Teaching(taught, divergence, temperature);
      return options.train(
          spec, Optional.of(student.config().schedule()), new Refining(student, teaching));
    }
  }

  private Divergence divergence() {
    return switch (direction) {
      case "teacher-student" -> Divergence.TEACHER_STUDENT;
      case "student-teacher" -> Divergence.STUDENT_TEACHER;
      default ->
          throw UserError.of(
              "Cannot use --kl-direction '%s' (teacher-student or student-teacher)", direction);
    };
  }

  private final class Refining implements TransformerOptions.Course {

    private final Student student;
    private final Teaching teaching;

    Refining(Student student, Teaching teaching) {
      this.student = student;
      this.teaching = teaching;
    }

    @Override
    public Objective objective(ScaleSchedule schedule) {
      Course course = isTwoStage ? Course.TWO_STAGE : Course.ANNEALED;
      Weighting weighting = new Weighting(tuning.draftScales(schedule.scales()), course);
      return new Objective(0, schedule.scales(), weighting, Curriculum.NONE);
    }

    @Override
    public Lesson lesson(Objective objective, TokenisedImages images) {
      long size = images.images().learned().size();
      int drafted = objective.weighting().draftScales();
      return new Lesson(
          "refiner",
          student.with(new Share(drafted, objective.end(), teaching.teacher())),
          objective,
          Optional.of(teaching),
          options.pace(
              batch -> UsualPace.refiner(student.config().depth(), batch, size),
              UsualPace.FINE_TUNING_BATCH),
          options.labelDropout());
    }
  }
}
