package io.tandem.cli;

import io.tandem.job.TokenisedImages;
import io.tandem.job.TransformerStage.Lesson;
import io.tandem.job.TransformerStage.Share;
import io.tandem.job.TransformerStage.Student;
import io.tandem.job.UsualPace;
import io.tandem.model.ScaleSchedule;
import io.tandem.train.Objective;
import io.tandem.train.Objective.Curriculum;
import io.tandem.train.Objective.Weighting;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tandem train drafter}: CoDe's fine-tuning of the large model. */
@Command(
    name = "drafter",
    sortOptions = false,
    description = {
      "Fine-tunes a transformer as CoDe's drafter: by cross-entropy on the first scales alone"
          + " (arXiv 2411.17787, section 3.3)."
    })
final class TrainDrafterCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private TransformerOptions options;
  @Mixin private FineTuningOptions tuning;

  @Override
  public Integer call() {
    options.check();
    try (WeightSource source = WeightSources.transformer(tuning.from())) {
      Student student = Student.from(source);
      return options.train(
          spec, Optional.of(student.config().schedule()), new Course(student, source));
    }
  }

  private final class Course implements TransformerOptions.Course {

    private final Student student;
    private final WeightSource whole;

    Course(Student student, WeightSource whole) {
      this.student = student;
      this.whole = whole;
    }

    @Override
    public Objective objective(ScaleSchedule schedule) {
      int drafted = tuning.draftScales(schedule.scales());
      return new Objective(0, drafted, Weighting.EVEN, Curriculum.NONE);
    }

    @Override
    public Lesson lesson(Objective objective, TokenisedImages images) {
      long size = images.images().learned().size();
      return new Lesson(
          "drafter",
          student.with(new Share(0, objective.end(), whole)),
          objective,
          Optional.empty(),
          options.pace(
              batch -> UsualPace.drafter(student.config().depth(), batch, size),
              UsualPace.FINE_TUNING_BATCH),
          options.labelDropout());
    }
  }
}
