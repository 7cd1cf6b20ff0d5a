package io.tandem.generate;

import static io.tandem.base.Checks.check;

import io.tandem.image.PixelRounding;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.sample.SamplingConfig;
import java.io.Serializable;

/**
 * How images are decoded, whatever the models.
 *
 * @param plan which model decodes which scale
 * @param guidance how strongly each scale is guided
 * @param sampling how tokens are drawn
 * @param rounding how numbers become pixels
 */
public record DecodeConfig(
    DecodePlan plan, GuidanceSchedule guidance, SamplingConfig sampling, PixelRounding rounding)
    implements Serializable {

  public DecodeConfig {
    check(
        guidance.scales() == plan.scales(),
        "Cannot decode %d scales with guidance for %d (one value per scale)",
        plan.scales(),
        guidance.scales());
    sampling.checkScales(plan.scales());
  }
}
