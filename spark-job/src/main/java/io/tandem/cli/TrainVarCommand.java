package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.job.TokenisedImages;
import io.tandem.job.TransformerStage.Lesson;
import io.tandem.job.TransformerStage.Share;
import io.tandem.job.TransformerStage.Student;
import io.tandem.job.UsualPace;
import io.tandem.model.AdaLn;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.plan.ScaleSet;
import io.tandem.train.Objective;
import io.tandem.train.Objective.Curriculum;
import io.tandem.train.Objective.Weighting;
import io.tandem.train.Pace;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem train var}: a transformer on all scales, or on some. */
@Command(
    name = "var",
    sortOptions = false,
    description = {
      "Trains a VAR transformer on the tokens of pictures, from nothing or from a checkpoint."
    })
final class TrainVarCommand implements Callable<Integer> {

  private static final int USUAL_DEPTH = 16;
  private static final int HEAD_WIDTH = 64;

  @Spec private CommandSpec spec;
  @Mixin private TransformerOptions options;

  @Option(
      names = "--depth",
      paramLabel = "N",
      description = "Blocks (default " + USUAL_DEPTH + ").")
  private Integer depth;

  @Option(
      names = "--width",
      paramLabel = "N",
      description = "Channels per token (default: 64 times the depth).")
  private Integer width;

  @Option(
      names = "--heads",
      paramLabel = "N",
      description = "Attention heads (default: one for each 64 channels).")
  private Integer heads;

  @Option(
      names = "--shared-adaln",
      description = "One linear layer makes scale, shift and gate of all blocks.")
  private boolean isAdaLnShared;

  @Option(
      names = "--sides",
      paramLabel = "SIDES",
      description = {
        "Sides of the token maps, coarse to fine (default: those of the tokeniser's training, else"
            + " of the released models)."
      })
  private String sides;

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      description = {
        "Go on from this transformer, whose architecture it is: a checkpoint, random:DEPTH or"
            + " demo:NAME."
      })
  private String from;

  @Option(
      names = "--scales",
      paramLabel = "A-B",
      description = "Learn these scales only, counted from 1 (default: all).")
  private String scales;

  @Option(
      names = "--all-scales-every",
      paramLabel = "N",
      description = {
        "Only every Nth step learns all scales; the others learn --coarse-scales from"
            + " --coarse-batch-size pictures."
      })
  private Integer allScalesEvery;

  @Option(
      names = "--coarse-scales",
      paramLabel = "N",
      description = "How many scales the other steps learn.")
  private Integer coarseScales;

  @Option(names = "--coarse-batch-size", paramLabel = "N", description = "Pictures of these steps.")
  private Integer coarseBatchSize;

  @Override
  public Integer call() {
    options.check();
    check(
        from == null
            || (depth == null && width == null && heads == null && sides == null && !isAdaLnShared),
        "Cannot use --depth, --width, --heads, --shared-adaln or --sides with --from: the"
            + " architecture is that of the checkpoint");
    if (from == null) {
      Optional<ScaleSchedule> wanted =
          Optional.ofNullable(sides)
              .map(text -> new ScaleSchedule(ListOptions.numbers("--sides", text)));
      return options.train(spec, wanted, new Course(Optional.empty()));
    }
    try (WeightSource source = WeightSources.transformer(from)) {
      Student student = Student.from(source);
      return options.train(
          spec, Optional.of(student.config().schedule()), new Course(Optional.of(student)));
    }
  }

  /** What is trained, from a checkpoint or from nothing. */
  private final class Course implements TransformerOptions.Course {

    private final Optional<Student> from;

    Course(Optional<Student> from) {
      this.from = from;
    }

    @Override
    public Objective objective(ScaleSchedule schedule) {
      List<Integer> learned =
          scales == null
              ? ScaleSet.all(schedule.scales()).members()
              : ScaleSet.parse("--scales", scales, schedule.scales()).members();
      int first = learned.get(0);
      int end = learned.get(learned.size() - 1) + 1;
      check(
          learned.size() == end - first,
          "Cannot use --scales '%s': there is a gap (one range, such as 8-10)",
          scales);
      return new Objective(first, end, Weighting.EVEN, curriculum(schedule));
    }

    @Override
    public Lesson lesson(Objective objective, TokenisedImages images) {
      Student student = from.orElseGet(() -> Student.initial(config(images)));
      boolean isPart =
          objective.first() > 0 || objective.end() < student.config().schedule().scales();
      if (isPart && student.from().isPresent()) {
        WeightSource whole = student.from().get();
        student = student.with(new Share(objective.first(), objective.end(), whole));
      }
      int blocks = student.config().depth();
      long size = images.images().learned().size();
      Pace pace = options.pace(batch -> UsualPace.var(blocks, batch, size), UsualPace.VAR_BATCH);
      return new Lesson("var", student, objective, Optional.empty(), pace, options.labelDropout());
    }
  }

  private Curriculum curriculum(ScaleSchedule schedule) {
    boolean isGiven = allScalesEvery != null || coarseScales != null || coarseBatchSize != null;
    if (!isGiven) {
      return Curriculum.NONE;
    }
    check(
        allScalesEvery != null && coarseScales != null && coarseBatchSize != null,
        "Cannot use --all-scales-every, --coarse-scales and --coarse-batch-size one without the"
            + " others: all three are needed");
    check(
        coarseScales >= 1 && coarseScales <= schedule.scales(),
        "Cannot use --coarse-scales %d (scales are 1 to %d)",
        coarseScales,
        schedule.scales());
    return new Curriculum(allScalesEvery, coarseScales, coarseBatchSize);
  }

  private VarConfig config(TokenisedImages images) {
    int blocks = depth == null ? USUAL_DEPTH : depth;
    int channels = width == null ? HEAD_WIDTH * blocks : width;
    return new VarConfig(
        blocks,
        channels,
        heads == null ? Math.max(1, channels / HEAD_WIDTH) : heads,
        images.images().learned().classNames().size(),
        isAdaLnShared ? AdaLn.SHARED : AdaLn.PER_BLOCK,
        images.latent());
  }
}
