package io.tandem.executor;

import io.tandem.executor.GenerateSpec.Execution;
import io.tandem.executor.GenerateSpec.ModelNames;
import io.tandem.executor.GenerateSpec.Output;
import io.tandem.executor.GenerateSpec.Sampling;
import io.tandem.executor.TaskSite.Signals;
import io.tandem.executor.TaskSite.Worker;
import io.tandem.generate.DecodeConfig;
import io.tandem.image.ImageCodec;
import io.tandem.metrics.LatencyMode;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.plan.DecodePlan;
import io.tandem.registry.ModelRegistry;
import io.tandem.sample.SamplingConfig;
import io.tandem.testing.Decodes;
import io.tandem.testing.GoldenCase;
import io.tandem.wave.CycledLabels;
import io.tandem.wave.SampleBatches;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** A run of tiny models that decode collaboratively, in batches of four. */
final class TinyRun {

  static final GoldenCase GOLDEN = GoldenCase.tiny();
  static final int BATCH = 4;
  static final long SEED = 77;
  static final SampleBatches BATCHES =
      new SampleBatches(new CycledLabels(List.of(3, 1, 4, 1, 5, 9, 2, 6)), BATCH);

  static final DecodeConfig CODE =
      Decodes.sampled(
          DecodePlan.collaborative("drafter", "refiner", GOLDEN.draftScales(), GOLDEN.scales()),
          1.5,
          SamplingConfig.uniform(60, 0.96, 1.1, GOLDEN.scales()));

  private TinyRun() {}

  static GenerateSpec spec() {
    return spec(models(), SmallerBatches.REFUSED, ImageCodec.PNG);
  }

  static GenerateSpec spec(ModelNames models, SmallerBatches smallerBatches, ImageCodec codec) {
    return new GenerateSpec(
        "tiny",
        models,
        CODE,
        new Sampling(SEED, BATCHES),
        new Execution(
            Precision.FP32,
            DeviceChoice.CPU,
            1,
            smallerBatches,
            LatencyMode.SYNC,
            NumericIdentity.ofThisJvm(Precision.FP32, BATCH, 1, DeviceSpec.CPU)),
        new Output(codec, List.of("zero", "one", "two", "three"), List.of()));
  }

  /** Returns {@code spec} with another identity. */
  static GenerateSpec on(GenerateSpec spec, NumericIdentity identity) {
    Execution old = spec.execution();
    return new GenerateSpec(
        spec.runId(),
        spec.models(),
        spec.decode(),
        spec.sampling(),
        new Execution(
            old.precision(),
            old.device(),
            old.threads(),
            old.smallerBatches(),
            old.latency(),
            identity),
        spec.output());
  }

  static ModelNames models() {
    return new ModelNames(
        List.of(model("drafter", "var_d2.pth"), model("refiner", "var_d1.pth")),
        model("vae", "vae.pth"));
  }

  static NamedModel model(String name, String file) {
    String path = GOLDEN.folder().resolve(file).toString();
    try (WeightSource source = WeightSources.transformer(path)) {
      return new NamedModel(name, path, source.bytes(), source.sha256());
    }
  }

  static TaskSite site(ModelRegistry registry) {
    return site(registry, Signals.NONE);
  }

  static TaskSite site(ModelRegistry registry, Signals signals) {
    return new TaskSite(
        new Worker("here", "7", 42, 1),
        signals,
        Optional.empty(),
        registry,
        () -> new ModelFiles(Path.of("nowhere"), new Configuration(false)),
        ExecutorEnd.NEVER);
  }
}
