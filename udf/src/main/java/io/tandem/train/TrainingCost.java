package io.tandem.train;

import static io.tandem.base.Checks.check;

import io.tandem.model.FeatureConfig;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.weights.WeightNames;
import java.util.List;
import java.util.Map;

/**
 * What a step takes, reckoned before anything is allocated.
 *
 * <p>The state is exact. The activations are an estimate of what autograd keeps for the backward
 * pass, counted from the kernels; what the engine takes for itself comes on top.
 *
 * @param parameters numbers that are learned
 * @param batch images that are computed at once
 * @param tokens of the largest step
 * @param stateBytes weights, gradients, both moments, and a teacher's weights
 * @param activationBytes of the largest step
 */
public record TrainingCost(
    long parameters, int batch, long tokens, long stateBytes, long activationBytes) {

  /** Weights, gradients and two moments. */
  private static final int COPIES = 4;

  /** Numbers that a block keeps for each token and channel, in float32 and in products. */
  private static final int BLOCK_FLOATS = 7;

  private static final int BLOCK_PRODUCTS = 19;

  /** Numbers for each logit: logits, their softmax, its gradient. */
  private static final int LOGIT_FLOATS = 3;

  /** Maps that a residual block keeps of its input and output, in float32. */
  private static final int RESIDUAL_MAPS = 4;

  /** Returns the cost of a transformer that learns by cross-entropy. */
  public static TrainingCost of(
      VarConfig config, Objective objective, Pace pace, Precision precision) {
    int batch = Math.min(pace.batch(), pace.largestPart());
    long activations = bytes(config, objective.first(), objective.end(), precision) * batch;
    long tokens = (long) config.schedule().offset(objective.end()) * pace.batch();
    Objective.Curriculum curriculum = objective.curriculum();
    if (!curriculum.isNone()) {
      int end = Math.min(objective.end(), curriculum.coarseScales());
      int coarse = Math.min(curriculum.coarseBatch(), pace.largestPart());
      batch = Math.max(batch, coarse);
      tokens = Math.max(tokens, (long) config.schedule().offset(end) * curriculum.coarseBatch());
      activations =
          Math.max(activations, bytes(config, objective.first(), end, precision) * coarse);
    }
    long parameters = parameters(WeightNames.transformer(config));
    return new TrainingCost(parameters, batch, tokens, COPIES * 4 * parameters, activations);
  }

  /** Returns the same with a teacher of architecture {@code teacher}. */
  public TrainingCost with(VarConfig teacher, Objective objective) {
    long learned =
        (long) teacher.schedule().offset(objective.end())
            - teacher.schedule().offset(objective.first());
    long logits = batch * learned * teacher.latent().vocabulary() * LOGIT_FLOATS * Float.BYTES;
    return new TrainingCost(
        parameters,
        batch,
        tokens,
        stateBytes + Float.BYTES * parameters(WeightNames.transformer(teacher)),
        activationBytes + logits);
  }

  /** Returns the cost of a tokeniser. */
  public static TrainingCost of(
      VqConfig config, ScaleSchedule schedule, Pace pace, Precision precision) {
    int batch = Math.min(pace.batch(), pace.largestPart());
    long parameters = parameters(WeightNames.tokeniser(config));
    long perImage = codingBytes(config, schedule.finestSide(), precision);
    long maps = (long) schedule.finestSide() * schedule.finestSide() * config.codeChannels();
    perImage += 6L * schedule.scales() * maps * Float.BYTES;
    return new TrainingCost(
        parameters,
        batch,
        (long) pace.batch() * schedule.totalTokens(),
        COPIES * 4 * parameters,
        batch * perImage);
  }

  /** Returns the cost of a feature network on pictures of {@code side}; it has no tokens. */
  public static TrainingCost of(FeatureConfig config, int side, int batch) {
    long parameters = parameters(WeightNames.features(config));
    long perImage = 0;
    long pixels = (long) side * side;
    for (int i = 0; i < config.convolutions(); i++) {
      perImage += 4L * config.outputChannels(i) * pixels / (1L << (2 * (i / 2 + 1))) * Float.BYTES;
    }
    return new TrainingCost(parameters, batch, 0, COPIES * 4 * parameters, batch * perImage);
  }

  /** Returns the bytes of everything together. */
  public long totalBytes() {
    return stateBytes + activationBytes;
  }

  /**
   * Passes if everything fits.
   *
   * @throws io.tandem.base.UserError otherwise, with the bytes that are needed
   */
  public void checkFits(long availableBytes) {
    check(
        totalBytes() <= availableBytes,
        "Cannot train on %d images at once: that needs about %,d bytes (weights, gradients and"
            + " moments %,d, activations %,d), but there are %,d. Pass a smaller --batch-size or"
            + " --at-once, or train a smaller model.",
        batch,
        totalBytes(),
        stateBytes,
        activationBytes,
        availableBytes);
  }

  private static long parameters(Map<String, List<Long>> shapes) {
    return shapes.entrySet().stream()
        .filter(shape -> !WeightNames.isInteger(shape.getKey()))
        .mapToLong(shape -> shape.getValue().stream().reduce(1L, Math::multiplyExact))
        .sum();
  }

  /** Bytes of one image: blocks, attention of each scale to all before it, logits. */
  private static long bytes(VarConfig config, int first, int end, Precision precision) {
    ScaleSchedule schedule = config.schedule();
    long tokens = schedule.offset(end);
    long scores = 0;
    for (int scale = 0; scale < end; scale++) {
      scores += (long) schedule.tokens(scale) * schedule.offset(scale + 1);
    }
    long perChannel = BLOCK_FLOATS * Float.BYTES + (long) BLOCK_PRODUCTS * precision.bytes();
    long block =
        tokens * config.width() * perChannel + 2L * config.heads() * scores * precision.bytes();
    long learned = tokens - schedule.offset(first);
    return config.depth() * block
        + learned * config.latent().vocabulary() * LOGIT_FLOATS * Float.BYTES;
  }

  /** Bytes of one image in encoder and decoder: the maps of their residual blocks. */
  private static long codingBytes(VqConfig config, int side, Precision precision) {
    long perNumber = (long) RESIDUAL_MAPS * Float.BYTES + precision.bytes();
    long bytes = 0;
    long cells = (long) side * side;
    for (int level = config.levels() - 1; level >= 0; level--) {
      long map = cells * config.channels(level);
      int coarser = Math.min(config.levels() - 1, level + 1);
      long blocks = 2L * config.residualBlocks() + 1;
      bytes += 2 * blocks * map * perNumber;
      bytes += cells * (config.channels(coarser) - config.channels(level)) * perNumber;
      if (level == config.levels() - 1) {
        // two residual blocks in the middle of either half, and attention over all cells
        bytes += 8 * map * perNumber + (blocks + 2) * cells * cells * precision.bytes();
      }
      cells *= 4;
    }
    return bytes;
  }
}
