package io.tandem.train;

import static io.tandem.base.Checks.check;

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
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

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

  /**
   * Prepares a run; the caller closes it.
   *
   * @throws io.tandem.base.UserError if model, tokens, objective and teacher do not fit together
   */
  public TransformerTraining(Settings settings, Models models, TokenSet tokens) {
    VarConfig config = settings.config;
    check(
        tokens.images() > 0 && tokens.classes() <= config.classes(),
        "Cannot train a transformer of %d classes on images of %d classes",
        config.classes(),
        tokens.classes());
    check(
        tokens.tokensPerImage() == config.schedule().totalTokens(),
        "Cannot train a transformer of %d tokens on images of %d tokens",
        config.schedule().totalTokens(),
        tokens.tokensPerImage());
    check(
        settings.objective.end() <= config.schedule().scales(),
        "Cannot learn scales %d to %d of a transformer of %d scales",
        settings.objective.first() + 1,
        settings.objective.end(),
        config.schedule().scales());
    models.teacher.ifPresent(teacher -> checkFits(teacher.weights(), config));
    this.settings = settings;
    this.origin = models.origin + models.teacher.map(TransformerTraining::named).orElse("");
    this.tokens = tokens;
    this.quantizer = models.quantizer;
    this.teacher = models.teacher;
    order = new BatchOrder(tokens.images(), settings.pace.seed());
    state = new TrainingState(models.weights);
  }

  private static void checkFits(TrainingTensors teacher, VarConfig student) {
    long codes = teacher.shape("head.weight")[0];
    long tokens = teacher.shape("pos_1LC")[1];
    long classes = teacher.shape("class_emb.weight")[0] - 1;
    check(
        codes == student.latent().vocabulary()
            && tokens == student.schedule().totalTokens()
            && classes == student.classes(),
        "Cannot learn from a teacher of %d codes, %d tokens and %d classes (the student has %d, %d"
            + " and %d). Choose one that was trained on the same tokens.",
        codes,
        tokens,
        classes,
        student.latent().vocabulary(),
        student.schedule().totalTokens(),
        student.classes());
  }

  private static String named(Teacher teacher) {
    CRC32C digest = new CRC32C();
    for (String name : teacher.weights().names()) {
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      digest.update(teacher.weights().read(name));
    }
    return ", taught by weights of CRC-32C %08x (%s, temperature %s)"
        .formatted(digest.getValue(), teacher.direction(), teacher.temperature());
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

  /** Returns the label of {@code image}, or the unconditional one, at a place of the run. */
  long label(long image, long position) {
    int word =
        Philox.words(
            settings.pace.seed(), (int) position, (int) (position >>> 32), 0, LABEL_DROPOUT)[0];
    boolean dropped = Integer.toUnsignedLong(word) * TO_UNIT < settings.labelDropout;
    return dropped ? settings.config.unconditionalLabel() : tokens.classId(image);
  }

  @Override
  public Pace pace() {
    return settings.pace;
  }

  @Override
  public void close() {
    state.close();
  }
}
