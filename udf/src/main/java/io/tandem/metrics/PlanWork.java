package io.tandem.metrics;

import io.tandem.model.VarConfig;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The work of a plan, scale by scale, in floating-point operations as {@link WorkCount} counts
 * them.
 *
 * @param plan which model decodes which scale
 * @param guidance which scales have unconditional rows
 * @param models architectures by the names in the plan; further ones are ignored
 */
public record PlanWork(DecodePlan plan, GuidanceSchedule guidance, Map<String, VarConfig> models) {

  public PlanWork {
    models = Map.copyOf(models);
  }

  /** Returns the work of the transformers for {@code images} images, tokens to pixels left out. */
  public double transformers(int images) {
    return IntStream.range(0, plan.scales())
        .mapToDouble(scale -> prefill(scale, images) + decode(scale, images))
        .sum();
  }

  /** Returns the work of decoding {@code scale}, with the class conditions where a model begins. */
  public double decode(int scale, int images) {
    String model = plan.modelAt(scale);
    VarConfig architecture = architecture(scale);
    int rows = guidance.rows(images, scale);
    double work = WorkCount.step(architecture, scale, rows);
    if (plan.firstScale(model) == scale) {
      int widest =
          IntStream.range(0, plan.scales())
              .filter(k -> plan.decodes(model, k))
              .map(k -> guidance.rows(images, k))
              .max()
              .orElse(rows);
      work += WorkCount.adaLn(architecture, widest);
    }
    return work;
  }

  /**
   * Returns the work of catching up before {@code scale}: on scales that its model missed, and
   * where guidance begins again, on all that the unconditional rows missed.
   */
  public double prefill(int scale, int images) {
    VarConfig architecture = architecture(scale);
    int rows = guidance.rows(images, scale);
    int seen = plan.scalesSeenBefore(scale);
    boolean joins =
        scale > 0 && guidance.needsUnconditional(scale) && !guidance.needsUnconditional(scale - 1);
    if (!joins || seen == 0) {
      return WorkCount.prefill(architecture, seen, scale, rows);
    }
    return (double) WorkCount.prefill(architecture, seen, scale, rows / 2)
        + WorkCount.prefill(architecture, 0, scale, rows / 2);
  }

  private VarConfig architecture(int scale) {
    VarConfig architecture = models.get(plan.modelAt(scale));
    if (architecture == null) {
      throw new IllegalArgumentException(
          "No architecture of '" + plan.modelAt(scale) + "' among " + models.keySet());
    }
    return architecture;
  }
}
