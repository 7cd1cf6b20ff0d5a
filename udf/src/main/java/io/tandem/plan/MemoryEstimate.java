package io.tandem.plan;

import static io.tandem.base.Checks.check;

import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import java.util.Map;

/**
 * Bytes that a batch needs on its device, reckoned before anything is allocated.
 *
 * <p>Weights and caches are exact; activations are a bound on what is alive at once, for kernels
 * that keep no attention scores. What the engine takes for itself comes on top.
 *
 * @param batch images per batch
 * @param weightBytes weights of all models of the plan and of the image decoder
 * @param cacheBytes largest sum, over the scales, of the key/value caches that are alive
 * @param activationBytes the widest transformer step, prefill included, or three of the largest
 *     maps of the image decoder for the whole batch, whichever is more
 */
public record MemoryEstimate(int batch, long weightBytes, long cacheBytes, long activationBytes) {

  private static final int LARGEST_BATCH = 1_000_000;

  /**
   * Returns what a batch needs.
   *
   * @param configs architecture of each model of the plan, by name
   * @param precision format of the products inside the blocks and of the caches; everything else is
   *     counted as float32
   * @param batch images per batch
   * @throws io.tandem.base.UserError if {@code batch} is not from 1 to 1,000,000
   */
  public static MemoryEstimate of(
      DecodePlan plan,
      Map<String, VarConfig> configs,
      VqConfig vqConfig,
      Precision precision,
      int batch,
      GuidanceSchedule guidance) {
    check(
        batch >= 1 && batch <= LARGEST_BATCH,
        "Cannot decode a batch of %d images (1 to %d)",
        batch,
        LARGEST_BATCH);
    long weights = ParameterCount.of(vqConfig).bytes(precision);
    for (String model : plan.models()) {
      weights += ParameterCount.of(config(configs, model)).bytes(precision);
    }
    long caches = 0;
    long activations =
        imageDecoderBytes(vqConfig, config(configs, plan.modelAt(0)).schedule(), batch);
    for (int scale = 0; scale < plan.scales(); scale++) {
      long alive = 0;
      for (String model : plan.models()) {
        alive += cacheBytes(plan, model, config(configs, model), precision, scale);
      }
      caches = Math.max(caches, guidance.rows(batch, scale) * alive);
      VarConfig config = config(configs, plan.modelAt(scale));
      activations =
          Math.max(activations, stepBytes(plan, config, precision, batch, guidance, scale));
    }
    return new MemoryEstimate(batch, weights, caches, activations);
  }

  /** Returns the bytes of everything together. */
  public long totalBytes() {
    return weightBytes + cacheBytes + activationBytes;
  }

  /**
   * Passes if everything fits.
   *
   * @throws io.tandem.base.UserError otherwise, with the bytes that are needed
   */
  public void checkFits(long availableBytes) {
    check(
        totalBytes() <= availableBytes,
        "Cannot decode a batch of %d images: it needs %,d bytes (weights %,d, caches %,d,"
            + " activations %,d), but there are %,d. Use a smaller batch or smaller models.",
        batch,
        totalBytes(),
        weightBytes,
        cacheBytes,
        activationBytes,
        availableBytes);
  }

  /**
   * Returns the cache bytes of one row: layers x 2 x tokens x width x bytes. The tokens are those
   * that somebody reads again, so the last scale of a model is not among them; the cache is there
   * from its first scale to its last.
   */
  private static long cacheBytes(
      DecodePlan plan, String model, VarConfig config, Precision precision, int scale) {
    if (scale < plan.firstScale(model) || scale > plan.lastScale(model)) {
      return 0;
    }
    long tokens = config.schedule().offset(plan.lastScale(model));
    return config.depth() * 2L * tokens * config.width() * precision.bytes();
  }

  /**
   * Returns a bound on the activations of a prefill and step together: per token the residual
   * stream and two copies of it in float32, and input and output of the widest product; the keys
   * and values of one layer; logits, and four times the bytes of the guided ones for the sampler.
   */
  private static long stepBytes(
      DecodePlan plan,
      VarConfig config,
      Precision precision,
      int batch,
      GuidanceSchedule guidance,
      int scale) {
    ScaleSchedule schedule = config.schedule();
    boolean joins =
        scale > 0 && guidance.needsUnconditional(scale) && !guidance.needsUnconditional(scale - 1);
    int firstScale = joins ? 0 : plan.scalesSeenBefore(scale);
    long tokens = (long) schedule.offset(scale + 1) - schedule.offset(firstScale);
    long rows = guidance.rows(batch, scale);
    long perToken = (long) config.width() * (3 * Float.BYTES + 5 * precision.bytes());
    long layer = 2L * schedule.offset(scale + 1) * config.width() * precision.bytes();
    long logits = (long) schedule.tokens(scale) * config.latent().vocabulary() * Float.BYTES;
    return rows * (tokens * perToken + layer + logits) + 4L * batch * logits;
  }

  /** Returns three of the largest maps: input, normalised input and output of a convolution. */
  private static long imageDecoderBytes(VqConfig config, ScaleSchedule schedule, int batch) {
    long largest = 0;
    long side = schedule.finestSide();
    for (int level = config.levels() - 1; level >= 0; level--) {
      // the first map of a level comes from the coarser one and still has its channels
      int coarser = Math.min(level + 1, config.levels() - 1);
      int channels = Math.max(config.channels(level), config.channels(coarser));
      largest = Math.max(largest, channels * side * side);
      side *= 2;
    }
    return 3L * batch * largest * Float.BYTES;
  }

  private static VarConfig config(Map<String, VarConfig> configs, String model) {
    VarConfig config = configs.get(model);
    if (config == null) {
      throw new IllegalArgumentException("No architecture of '" + model + "' was given");
    }
    return config;
  }
}
