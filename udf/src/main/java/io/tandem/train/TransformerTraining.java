package io.tandem.train;

import static io.tandem.base.Checks.check;

import io.tandem.kernel.Optimizer;
import io.tandem.kernel.TrainingState;
import io.tandem.kernel.TrainingTensors;
import io.tandem.kernel.TransformerTrainingKernel;
import io.tandem.kernel.TransformerTrainingKernel.FrozenQuantizer;
import io.tandem.kernel.TransformerTrainingKernel.Lesson;
import io.tandem.kernel.TransformerTrainingKernel.Losses;
import io.tandem.kernel.TransformerTrainingKernel.Teacher;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.sample.Philox;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trains a VAR transformer under the teacher's prefix: from nothing, on some scales only, as CoDe's
 * drafter, or as CoDe's refiner with a teacher.
 *
 * <p>A label becomes the unconditional one by chance; teacher and student see the same labels, and
 * the teacher runs without guidance.
 */
public final class TransformerTraining implements TrainingTask {

  private static final int LABEL_DROPOUT = 2;
  private static final double TO_UNIT = 0x1p-32;

  private final Settings settings;
  private final String origin;
  private final TokenSet tokens;
  private final BatchOrder order;
  private final TrainingState state;
  private final FrozenQuantizer quantizer;
  private final Optional<Teacher> teacher;

  /**
   * Settings of a run.
   *
   * @param name of the stage
   * @param config architecture
   * @param objective what is learned
   * @param pace steps, batch, rate and seed
   * @param labelDropout chance that an image loses its label
   * @param precision of the products
   */
  public record Settings(
      String name,
      VarConfig config,
      Objective objective,
      Pace pace,
      double labelDropout,
      Precision precision) {

    public Settings {
      check(
          labelDropout >= 0 && labelDropout < 1,
          "Cannot drop labels with chance %s (0 up to, not including, 1)",
          labelDropout);
    }
  }

  /**
   * What a run is made from.
   *
   * @param origin names the initial weights
   * @param weights initial weights, closed with the task
   * @param quantizer of the tokeniser, closed by the caller
   * @param teacher for distillation, closed by the caller
   */
  public record Models(
      String origin,
      TrainingTensors weights,
      FrozenQuantizer quantizer,
      Optional<Teacher> teacher) {}

  /** Prepares a run; the caller closes it. */
  public TransformerTraining(Settings settings, Models models, TokenSet tokens) {
    check(
        tokens.images() > 0 && tokens.classes() <= settings.config.classes(),
        "Cannot train a transformer of %d classes on images of %d classes",
        settings.config.classes(),
        tokens.classes());
    this.settings = settings;
    this.origin = models.origin;
    this.tokens = tokens;
    this.quantizer = models.quantizer;
    this.teacher = models.teacher;
    order = new BatchOrder(tokens.images(), settings.pace.seed());
    state = new TrainingState(models.weights);
  }

  @Override
  public String stage() {
    return settings.name;
  }

  @Override
  public String identity() {
    return settings + " from " + origin + " on " + tokens.identity();
  }

  @Override
  public long steps() {
    return settings.pace.steps();
  }

  @Override
  public long imagesBefore(long step) {
    return settings.objective.curriculum().imagesBefore(step, settings.pace.batch());
  }

  @Override
  public TrainingState state() {
    return state;
  }

  @Override
  public StepLoss gradients(long step) {
    ScaleSchedule schedule = settings.config.schedule();
    Objective objective = settings.objective;
    int end = objective.curriculum().end(step, objective.end());
    int batch = objective.curriculum().batch(step, settings.pace.batch());
    long[] images = new long[batch];
    long[] labels = new long[batch];
    long first = imagesBefore(step);
    for (int i = 0; i < batch; i++) {
      images[i] = order.example(first + i);
      labels[i] = label(images[i], first + i);
    }
    double[] weights =
        Arrays.copyOfRange(objective.weights(step, steps()), 0, end - objective.first());
    double loss = 0;
    double[] means = new double[weights.length];
    for (int from = 0; from < batch; from += settings.pace.largestPart()) {
      int to = (int) Math.min(batch, (long) from + settings.pace.largestPart());
      double share = (double) (to - from) / batch;
      Lesson lesson =
          new Lesson(
              tokens.tokens(Arrays.copyOfRange(images, from, to), schedule.offset(end)),
              Arrays.copyOfRange(labels, from, to),
              objective.first(),
              end,
              Arrays.stream(weights).map(weight -> weight * share).toArray());
      Losses losses = learn(lesson);
      loss += losses.loss();
      for (int i = 0; i < means.length; i++) {
        means[i] += share * losses.scaleLosses()[i];
      }
    }
    Map<String, Double> parts = new LinkedHashMap<>();
    for (int i = 0; i < means.length; i++) {
      parts.put("scale_" + (objective.first() + i + 1), means[i]);
    }
    return new StepLoss(loss, parts, batch);
  }

  private Losses learn(Lesson lesson) {
    if (teacher.isPresent()) {
      return TransformerTrainingKernel.divergence(
          state, teacher.get(), quantizer, lesson, settings.precision);
    }
    return TransformerTrainingKernel.crossEntropy(state, quantizer, lesson, settings.precision);
  }

  private long label(long image, long position) {
    int word =
        Philox.words(
            settings.pace.seed(), (int) position, (int) (position >>> 32), 0, LABEL_DROPOUT)[0];
    boolean dropped = Integer.toUnsignedLong(word) * TO_UNIT < settings.labelDropout;
    return dropped ? settings.config.unconditionalLabel() : tokens.classId(image);
  }

  @Override
  public Optimizer optimizer() {
    return Optimizer.VAR;
  }

  @Override
  public LearningRate learningRate() {
    return settings.pace.learningRate();
  }

  @Override
  public List<Double> weightDecay() {
    return settings.pace.weightDecay(state.weights());
  }

  @Override
  public void close() {
    state.close();
  }
}
