package io.tandem.train;

import static io.tandem.base.Checks.check;

import io.tandem.dataset.LabelledImages;
import io.tandem.kernel.TokeniserTrainingKernel;
import io.tandem.kernel.TokeniserTrainingKernel.Images;
import io.tandem.kernel.TokeniserTrainingKernel.LossWeights;
import io.tandem.kernel.TokeniserTrainingKernel.Losses;
import io.tandem.kernel.TrainingQuantizer;
import io.tandem.kernel.TrainingState;
import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.sample.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains a multi-scale residual VQ-VAE: reconstruction, codebook and commitment loss, and codes
 * that nothing uses put where something is.
 *
 * <p>Squared and absolute error of the pixels make the reconstruction loss; there is no perceptual
 * or adversarial part. The codebook starts as left-over rows of the first batch, and every {@value
 * #REVIVAL_STEPS} steps the codes that were used less than a tenth of the mean move to such rows of
 * the batch at hand, chosen over all scales alike.
 */
public final class TokeniserTraining implements TrainingTask {

  private static final int REVIVAL_STEPS = 100;
  private static final double DEAD = 0.1;

  /** The last part of a run revives nothing, so that what was revived can settle. */
  private static final double REVIVING = 0.8;

  private final Settings settings;
  private final LabelledImages images;
  private final BatchOrder order;
  private final TrainingState state;
  private final TrainingQuantizer quantizer;

  /** How often each code was used since the last revival. */
  private final float[] uses;

  private Losses last;

  /**
   * Settings of a run.
   *
   * @param config architecture
   * @param schedule sides of the token maps; the last one is the side of the feature map
   * @param pace steps, batch, rate and seed
   * @param weights of the parts of the loss
   * @param precision of the convolutions
   */
  public record Settings(
      VqConfig config,
      ScaleSchedule schedule,
      Pace pace,
      LossWeights weights,
      Precision precision) {}

  /** Prepares a run on {@code device}; the caller closes it. */
  public TokeniserTraining(Settings settings, LabelledImages images, DeviceSpec device) {
    VqConfig config = settings.config;
    int side = settings.schedule.finestSide() * config.pixelsPerCell();
    check(
        images.side() == side,
        "Cannot train a tokeniser on pictures of side %d: its maps of side %d with %d levels are of"
            + " pictures of side %d. Change the side, the levels or the scales.",
        images.side(),
        settings.schedule.finestSide(),
        config.levels(),
        side);
    this.settings = settings;
    this.images = images;
    order = new BatchOrder(images.size(), settings.pace.seed());
    state = new TrainingState(InitialWeights.tokeniser(config, settings.pace.seed(), device));
    quantizer =
        TrainingWeights.geometry(
            settings.schedule, config.residualConvolutions(), NumberFormat.FLOAT32, device);
    uses = new float[config.vocabulary()];
  }

  @Override
  public String stage() {
    return "tokenizer";
  }

  @Override
  public String identity() {
    return "tokenizer " + settings + " of " + images.identity();
  }

  @Override
  public long imagesBefore(long step) {
    return step * settings.pace.batch();
  }

  @Override
  public TrainingState state() {
    return state;
  }

  @Override
  public StepLoss gradients(long step) {
    if (step == 0) {
      fillCodebook();
    }
    last = run(step);
    for (long token : last.tokens()) {
      uses[(int) token]++;
    }
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("squared_error", last.parts()[0]);
    parts.put("absolute_error", last.parts()[1]);
    parts.put("codebook", last.parts()[2]);
    parts.put("commitment", last.parts()[3]);
    return new StepLoss(last.loss(), parts, settings.pace.batch());
  }

  private Losses run(long step) {
    long[] indexes = settings.pace.examples(order, step);
    List<Losses> parts = new ArrayList<>();
    for (int from = 0; from < indexes.length; from += settings.pace.largestPart()) {
      int to = (int) Math.min(indexes.length, (long) from + settings.pace.largestPart());
      float[] pixels = PixelPlanes.of(images, Arrays.copyOfRange(indexes, from, to), -1, 1);
      parts.add(
          TokeniserTrainingKernel.gradients(
              state,
              quantizer,
              new Images(pixels, images.side(), new long[0]),
              settings.weights.times((double) (to - from) / indexes.length),
              settings.precision));
    }
    return Losses.joined(parts);
  }

  /** Left-over rows depend on the codes before them, so it takes a few rounds. */
  private void fillCodebook() {
    int vocabulary = settings.config.vocabulary();
    long[] all = new long[vocabulary];
    for (int code = 0; code < vocabulary; code++) {
      all[code] = code;
    }
    for (int round = 0; round < 4; round++) {
      last = run(round);
      revive(all, -1 - round);
    }
    state.gradients().clear();
  }

  @Override
  public void finishStep(long step) {
    if ((step + 1) % REVIVAL_STEPS != 0) {
      return;
    }
    double total = 0;
    for (float count : uses) {
      total += count;
    }
    double least = DEAD * total / uses.length;
    long[] dead = new long[uses.length];
    int count = 0;
    for (int code = 0; code < uses.length; code++) {
      if (uses[code] < least) {
        dead[count++] = code;
      }
    }
    if (count > 0 && step < REVIVING * steps()) {
      revive(Arrays.copyOf(dead, count), step);
    }
    Arrays.fill(uses, 0);
  }

  /** Puts left-over rows of the last batch, chosen by chance over all scales alike, into codes. */
  private void revive(long[] codes, long step) {
    int channels = settings.config.codeChannels();
    int tokens = settings.schedule.totalTokens();
    int batch = settings.pace.batch();
    float[] rows = new float[codes.length * channels];
    for (int i = 0; i < codes.length; i++) {
      int[] words =
          Philox.words(settings.pace.seed(), (int) codes[i], (int) step, (int) (step >>> 32), 1);
      int scale = Integer.remainderUnsigned(words[0], settings.schedule.scales());
      int position =
          settings.schedule.offset(scale)
              + Integer.remainderUnsigned(words[1], settings.schedule.tokens(scale));
      int row = Integer.remainderUnsigned(words[2], batch) * tokens + position;
      System.arraycopy(last.leftOver(), row * channels, rows, i * channels, channels);
    }
    TokeniserTrainingKernel.revive(state, codes, rows);
  }

  @Override
  public Map<String, float[]> memory() {
    return Map.of("uses", uses);
  }

  @Override
  public Pace pace() {
    return settings.pace;
  }

  @Override
  public void close() {
    state.close();
    quantizer.close();
  }
}
