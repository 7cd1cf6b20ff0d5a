package io.tandem.testing;

import io.tandem.generate.BatchRequest;
import io.tandem.generate.DecodeConfig;
import io.tandem.generate.GeneratedBatch;
import io.tandem.generate.ImageGenerator;
import io.tandem.generate.ModelSet;
import io.tandem.image.PixelRounding;
import io.tandem.metrics.LatencyMode;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.plan.ScaleSet;
import io.tandem.sample.SamplingConfig;

/** Short ways to decode in tests. */
public final class Decodes {

  private Decodes() {}

  /** Decodes and returns all that was seen on the way. */
  public static RecordingObserver watch(ModelSet models, DecodeConfig config, BatchRequest batch) {
    RecordingObserver observer = new RecordingObserver();
    new ImageGenerator(models, config)
        .generate(batch, new LatencyRecorder(LatencyMode.SYNC, () -> {}), observer);
    return observer;
  }

  public static GeneratedBatch run(ModelSet models, DecodeConfig config, BatchRequest batch) {
    return new ImageGenerator(models, config)
        .generate(
            batch,
            new LatencyRecorder(LatencyMode.OFF, () -> {}),
            new io.tandem.generate.DecodeObserver() {});
  }

  public static DecodeConfig greedy(DecodePlan plan, double guidance) {
    return greedy(plan, GuidanceSchedule.everywhere(guidance, plan.scales()));
  }

  public static DecodeConfig greedy(DecodePlan plan, GuidanceSchedule guidance) {
    return new DecodeConfig(
        plan, guidance, SamplingConfig.greedy(plan.scales()), PixelRounding.NEAREST);
  }

  public static DecodeConfig sampled(DecodePlan plan, double guidance, SamplingConfig sampling) {
    return new DecodeConfig(
        plan,
        GuidanceSchedule.everywhere(guidance, plan.scales()),
        sampling,
        PixelRounding.NEAREST);
  }

  /** Guides the first {@code count} scales only. */
  public static GuidanceSchedule guidedFirst(int count, double guidance, int scales) {
    return new GuidanceSchedule(guidance, ScaleSet.first(count, scales));
  }
}
